-- A quarter is of its own year, so that the record of a council goes across breaks in the definition.
with

standing as (

    select * from {{ ref('cmp_standing') }}

)

select
    council_code,
    max(council) as council,
    measure_id,
    peer_set,
    basis,
    min(financial_year) as earliest_year,
    max(financial_year) as latest_year,
    cast(count(*) as integer) as n_years,
    cast(count(distinct definition_version) as integer) as n_definitions,
    {%- for number, name in [(1, 'lowest'), (2, 'second'), (3, 'third'), (4, 'highest')] %}
    cast(sum(case when quartile_band = {{ number }} then 1 else 0 end) as integer) as n_years_{{ name }},
    {%- endfor %}
    cast(count(distinct quartile_band) as integer) as n_quarters
from standing
group by council_code, measure_id, peer_set, basis
