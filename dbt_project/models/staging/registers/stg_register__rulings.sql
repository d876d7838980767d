with

source as (

    select * from {{ source('registers', 'carequartile_ruling') }}

)

select
    source_id,
    row_number,
    {{ printed_text('measure_id') }} as measure_id,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('financial_year') }} as financial_year,
    {{ printed_text('ruling') }} as ruling,
    {{ printed_number('corrected_value') }} as corrected_value,
    {{ printed_text(adapter.quote('by')) }} as ruled_by,
    cast({{ printed_text(adapter.quote('on')) }} as date) as ruled_on,
    {{ printed_text('reason') }} as reason
from source
