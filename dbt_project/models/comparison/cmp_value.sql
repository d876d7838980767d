-- The value and parts of a figure in each basis, and its rank among all councils of England that report it.
with

figures as (

    select * from {{ ref('cmp_figure') }}

),

weighed as (

    select
        figure_key,
        series_key,
        council_code,
        financial_year,
        cast(value as {{ type_rate() }}) as value,
        cast(ruled_value as {{ type_rate() }}) as ruled_value,
        case when denominator > 0 then numerator end as numerator,
        case when numerator is not null and denominator > 0 then denominator end as denominator,
        case when ruled_denominator > 0 then ruled_numerator end as ruled_numerator,
        case when ruled_numerator is not null and ruled_denominator > 0 then ruled_denominator end as ruled_denominator
    from figures

),

compared as (

    select
        weighed.*,
        coalesce(weighed.value = weighed.ruled_value, false)
        {%- for part in ['numerator', 'denominator'] %}
        and coalesce(
            weighed.{{ part }} = weighed.ruled_{{ part }},
            weighed.{{ part }} is null and weighed.ruled_{{ part }} is null
        )
        {%- endfor %}
            as is_same_in_both
    from weighed

),

based as (

    select
        figure_key, series_key, council_code, financial_year, 0 as basis_key, value, numerator, denominator,
        is_same_in_both
    from compared
    union all
    select
        figure_key, series_key, council_code, financial_year, 1 as basis_key, ruled_value as value,
        ruled_numerator as numerator, ruled_denominator as denominator, is_same_in_both
    from compared
    where ruled_value is not null

)

select
    figure_key,
    series_key,
    basis_key,
    council_code,
    financial_year,
    value,
    numerator,
    denominator,
    is_same_in_both,
    -- Ties are broken by the council's code, so that no two councils share a rank.
    cast(
        row_number() over (partition by series_key, basis_key order by value, council_code) as integer
    ) as rank_in_england,
    cast(rank() over (partition by series_key, basis_key order by value) - 1 as integer) as n_lower,
    cast(count(*) over (partition by series_key, basis_key) as integer) as n_england
from based
