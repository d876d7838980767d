with

source as (

    select * from {{ source('reference', 'council_change') }}

)

select
    source_id,
    row_number,
    cast({{ printed_text('effective_date') }} as date) as effective_on,
    {{ printed_text('old_cssr') }} as old_council_code,
    {{ printed_text('old_name') }} as old_name,
    {{ printed_text('old_ons') }} as old_ons_code,
    {{ printed_text('new_cssr') }} as new_council_code,
    {{ printed_text('new_name') }} as new_name,
    {{ printed_text('new_ons') }} as new_ons_code,
    {{ printed_text('change') }} as change
from source
