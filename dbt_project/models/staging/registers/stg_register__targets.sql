with

source as (

    select * from {{ source('registers', 'carequartile_target') }}

)

select
    source_id,
    row_number,
    {{ printed_text('measure_id') }} as measure_id,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('financial_year') }} as financial_year,
    {{ printed_number('target_value') }} as target_value,
    {{ printed_text('because') }} as because
from source
