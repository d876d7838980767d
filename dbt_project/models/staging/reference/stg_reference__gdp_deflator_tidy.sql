with

source as (

    select * from {{ source('reference', 'gdp_deflator_tidy') }}

)

select
    source_id,
    row_number,
    {{ printed_text('financial_year') }} as financial_year,
    {{ printed_number('gdp_deflator_2022_23_100') }} as deflator,
    '2022-23' as base_year
from source
