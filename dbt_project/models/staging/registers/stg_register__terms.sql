with

source as (

    select * from {{ source('registers', 'carequartile_term') }}

)

select
    source_id,
    row_number,
    {{ printed_text('term_set') }} as term_set,
    {{ printed_text('dimension') }} as dimension,
    lower({{ printed_text('printed') }}) as printed,
    {{ printed_text('slug') }} as slug
from source
