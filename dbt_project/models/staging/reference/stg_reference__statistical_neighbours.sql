with

source as (

    select * from {{ source('reference', 'statistical_neighbours') }}

)

select
    source_id,
    row_number,
    {{ printed_text('ons_code') }} as ons_code,
    {{ printed_text('name') }} as name,
    cast({{ printed_text(adapter.quote('rank')) }} as integer) as neighbour_rank,
    {{ printed_text('neighbour_ons_code') }} as neighbour_ons_code,
    {{ printed_text('neighbour_name') }} as neighbour_name,
    {{ printed_number('distance') }} as distance
from source
