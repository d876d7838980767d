with

source as (

    select * from {{ source('registers', 'carequartile_move_risk_tier') }}

)

select
    source_id,
    row_number,
    {{ printed_text('move_risk') }} as move_risk,
    {{ printed_text('label') }} as label,
    {{ printed_text('council_code') }} as council_code,
    cast({{ printed_text('from_date') }} as date) as from_date,
    {{ printed_number('share_of_people') }} as share_of_people,
    {{ printed_text('because') }} as because
from source
