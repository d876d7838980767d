with

source as (

    select * from {{ source('registers', 'carequartile_snapshot_pair') }}

)

select
    source_id,
    row_number,
    {{ printed_text('council_code') }} as council_code,
    cast({{ printed_text('from_date') }} as date) as from_date,
    cast({{ printed_text('to_date') }} as date) as to_date
from source
