-- The value and parts of a figure in each basis, and its rank among all councils of England that report it.
with

figures as (

    select * from {{ ref('cmp_figure') }}

),

based as (

    select
        figure_key, series_key, council_code, financial_year, 0 as basis_key,
        cast(value as {{ type_rate() }}) as value,
        case when denominator > 0 then numerator end as numerator,
        case when numerator is not null and denominator > 0 then denominator end as denominator
    from figures
    union all
    select
        figure_key, series_key, council_code, financial_year, 1 as basis_key,
        cast(ruled_value as {{ type_rate() }}) as value,
        case when ruled_denominator > 0 then ruled_numerator end as numerator,
        case when ruled_numerator is not null and ruled_denominator > 0 then ruled_denominator end as denominator
    from figures
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
    -- Ties are broken by the council's code, so that no two councils share a rank.
    cast(
        row_number() over (partition by series_key, basis_key order by value, council_code) as integer
    ) as rank_in_england,
    cast(rank() over (partition by series_key, basis_key order by value) - 1 as integer) as n_lower,
    cast(count(*) over (partition by series_key, basis_key) as integer) as n_england
from based
