-- The councils of each financial year, with class, region and ONS code as on its last day.
with

councils as (

    select * from {{ ref('council') }}

),

years as (

    select distinct financial_year, year_ends_on from {{ ref('stg_returns__release') }}

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
        years.year_ends_on >= councils.valid_from
        and (councils.valid_to is null or years.year_ends_on <= councils.valid_to)
