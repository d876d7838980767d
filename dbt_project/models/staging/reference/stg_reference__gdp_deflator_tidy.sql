with

years as (

    {{ register_rows('gdp_deflator_tidy', ['financial_year', 'gdp_deflator_2022_23_100']) }}

)

select
    source_id,
    row_number,
    financial_year,
    {{ printed_number('gdp_deflator_2022_23_100') }} as deflator,
    '2022-23' as base_year
from years
