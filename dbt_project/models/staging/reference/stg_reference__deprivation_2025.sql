with

source as (

    select * from {{ source('reference', 'deprivation_2025') }}

)

select
    source_id,
    row_number,
    {{ printed_text('ltla24_code') }} as ltla24_code,
    {{ printed_text('ltla24_name') }} as ltla24_name,
    {{ printed_number('imd_average_score') }} as imd_average_score,
    {{ printed_number('imd_average_rank') }} as imd_average_rank
from source
