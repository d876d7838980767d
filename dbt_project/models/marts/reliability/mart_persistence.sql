-- How many councils of a quarter are still in it later, within one definition: across a break the quarters are of
-- different things. By chance it would be a quarter of them.
with

standing as (

    select * from {{ ref('cmp_standing') }}

),

later as (

    {% for years_on in [1, 3] -%}
    select
        measure_id,
        definition_version,
        peer_set,
        basis,
        council_code,
        quartile_band as quartile_later,
        first_year - {{ years_on }} as from_first_year,
        {{ years_on }} as years_on
    from standing
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

pairs as (

    select
        standing.measure_id,
        standing.definition_version,
        standing.peer_set,
        standing.basis,
        standing.financial_year,
        standing.quartile_band,
        later.years_on,
        abs(later.quartile_later - standing.quartile_band) as quarters_moved,
        later.quartile_later
    from standing
    inner join later
        on
            standing.measure_id = later.measure_id
            and standing.definition_version = later.definition_version
            and standing.peer_set = later.peer_set
            and standing.basis = later.basis
            and standing.council_code = later.council_code
            and standing.first_year = later.from_first_year

),

counted as (

    {% for from_year in ['financial_year', "'all'"] -%}
    select
        measure_id,
        definition_version,
        peer_set,
        basis,
        quartile_band,
        years_on,
        {{ from_year }} as from_year,
        min(financial_year) as earliest_from_year,
        max(financial_year) as latest_from_year,
        count(distinct financial_year) as n_from_years,
        count(*) as n_councils,
        sum(case when quarters_moved = 0 then 1 else 0 end) as n_still_there,
        sum(case when quarters_moved = 1 then 1 else 0 end) as n_next_quarter,
        sum(case when quarters_moved > 1 then 1 else 0 end) as n_further
    from pairs
    group by
        measure_id, definition_version, peer_set, basis, quartile_band, years_on
        {%- if loop.first %}, financial_year{% endif %}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    measure_id,
    definition_version,
    peer_set,
    basis,
    quartile_band,
    years_on,
    from_year,
    earliest_from_year,
    latest_from_year,
    cast(n_from_years as integer) as n_from_years,
    cast(n_councils as integer) as n_councils,
    cast(n_still_there as integer) as n_still_there,
    cast(n_next_quarter as integer) as n_next_quarter,
    cast(n_further as integer) as n_further,
    cast({{ ratio('100 * n_still_there', 'n_councils') }} as {{ type_rate() }}) as still_there_pct
from counted
