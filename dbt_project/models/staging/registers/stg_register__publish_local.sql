with

source as (

    select * from {{ source('registers', 'carequartile_publish_local') }}

)

select
    source_id,
    row_number,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('tables') }} as cell_kind,
    cast({{ printed_text('from_date') }} as date) as from_date,
    {{ printed_text(adapter.quote('by')) }} as decided_by,
    {{ printed_text('why') }} as reason
from source
