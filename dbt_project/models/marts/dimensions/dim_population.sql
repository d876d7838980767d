with

population as (

    select * from {{ ref('int_population') }}

),

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

),

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

)

select
    population.council_code,
    councils.council,
    population.mid_year,
    population.financial_year,
    population.age_band,
    population.people,
    population.status,
    population.{{ adapter.quote('precision') }},
    population.census_base,
    population.source,
    population.is_area_of_year,
    population.is_current,
    population.ons_code,
    files.file_name,
    files.sha256
from population
inner join councils on population.council_code = councils.council_code
inner join files on population.source_id = files.source_id
