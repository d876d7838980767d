-- The councils that existed at the end of each financial year of a population.
with

councils as (

    select * from {{ ref('council') }}

),

years as (

    select distinct
        mid_year,
        cast(concat(cast(mid_year + 1 as {{ dbt.type_string() }}), '-03-31') as date) as last_day
    from {{ ref('int_population_printed') }}

)

select distinct
    years.mid_year,
    years.last_day,
    councils.council_code
from years
inner join councils
    on
        years.last_day >= councils.valid_from
        and (councils.valid_to is null or years.last_day <= councils.valid_to)
