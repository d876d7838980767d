with

source as (

    select * from {{ source('reference', 'lower_tier_lookup') }}

)

select
    source_id,
    row_number,
    {{ printed_text('ltla23_code') }} as ltla23_code,
    {{ printed_text('ltla23_name') }} as ltla23_name,
    {{ printed_text('utla23_code') }} as utla23_code,
    {{ printed_text('utla23_name') }} as utla23_name
from source
