with

source as (

    select * from {{ source('reference', 'council_reference') }}

)

select
    source_id,
    row_number,
    {{ printed_text('snapshot_fy') }} as financial_year,
    {{ printed_text('cssr_code') }} as council_code,
    {{ printed_text('ons_code') }} as ons_code,
    {{ printed_text('name') }} as council,
    {{ printed_text('region') }} as region,
    {{ printed_text('class') }} as class
from source
