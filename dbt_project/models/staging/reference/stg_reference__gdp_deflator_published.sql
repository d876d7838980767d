-- The published table prints in its heading when it was last updated; forecast years print no deflator.
with

source as (

    select * from {{ source('reference', 'gdp_deflator_published') }}

)

select
    source_id,
    row_number,
    substr({{ printed_text('financial_year') }}, 1, 7) as financial_year,
    {{ printed_number('deflator') }} as deflator,
    '2022-23' as base_year,
    cast(published_on as date) as published_on
from source
