with

source as (

    select * from {{ source('registers', 'carequartile_placement_parameter') }}

)

select
    source_id,
    row_number,
    {{ printed_text('parameter') }} as parameter,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('client_group') }} as client_group,
    cast({{ printed_text('from_date') }} as date) as from_date,
    {{ printed_number('number') }} as number,
    {{ printed_text('because') }} as because
from source
