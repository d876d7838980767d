with

source as (

    select * from {{ source('registers', 'carequartile_footprint') }}

)

select
    source_id,
    row_number,
    {{ printed_text('footprint') }} as footprint,
    {{ printed_text('old_council_code') }} as old_council_code,
    {{ printed_text('new_council') }} as new_council,
    {{ printed_number('share') }} as share,
    {{ printed_text('because') }} as because
from source
