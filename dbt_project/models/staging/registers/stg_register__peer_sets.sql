with

source as (

    select * from {{ source('registers', 'carequartile_peer_set') }}

)

select
    source_id,
    row_number,
    {{ printed_text('peer_set') }} as peer_set,
    {{ printed_text('version') }} as version,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('peer_code') }} as peer_code,
    cast({{ printed_text('peer_rank') }} as integer) as peer_rank
from source
