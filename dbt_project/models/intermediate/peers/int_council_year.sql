-- Which councils there were in a financial year, with class, region and ONS code as they stood on its last day.
with

councils as (

    select * from {{ ref('council') }}

),

years as (

    select distinct
        financial_year,
        cast(
            concat(cast(cast(substr(financial_year, 1, 4) as integer) + 1 as {{ dbt.type_string() }}), '-03-31') as date
        ) as last_day
    from {{ source('raw', 'release') }}

)

select
    years.financial_year,
    councils.council_code,
    councils.ons_code,
    councils.council,
    councils.class,
    councils.region
from years
inner join councils
    on
        years.last_day >= councils.valid_from
        and (councils.valid_to is null or years.last_day <= councils.valid_to)
