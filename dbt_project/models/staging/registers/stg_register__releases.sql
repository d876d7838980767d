with

source as (

    select * from {{ source('registers', 'carequartile_release') }}

)

select
    source_id,
    row_number,
    {{ printed_text('sha256') }} as sha256,
    cast({{ printed_text('published_on') }} as date) as published_on,
    {{ printed_text('status') }} as status
from source
