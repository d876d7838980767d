with

source as (

    select * from {{ source('registers', 'programme_fact') }}

)

select
    source_id,
    row_number,
    {{ printed_text('section_no') }} as section,
    {{ printed_text('council') }} as council,
    {{ printed_text('measure') }} as measure,
    {{ printed_number('value') }} as value,
    {{ printed_text('unit') }} as unit,
    {{ printed_text('period') }} as period,
    {{ printed_text('as_printed') }} as as_printed
from source
