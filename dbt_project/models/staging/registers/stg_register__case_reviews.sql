with

source as (

    select * from {{ source('registers', 'carequartile_case_review') }}

)

select
    source_id,
    row_number,
    {{ printed_text('council_code') }} as council_code,
    cast({{ printed_text('snapshot_date') }} as date) as snapshot_date,
    {{ printed_text('export_name') }} as export_name,
    cast({{ printed_number('export_row') }} as bigint) as export_row,
    cast({{ printed_number('issue') }} as integer) as issue,
    {{ printed_text('outcome') }} as outcome,
    {{ printed_number('weekly_before_gbp') }} as weekly_before_gbp,
    {{ printed_number('weekly_after_gbp') }} as weekly_after_gbp,
    cast({{ printed_text('reviewed_on') }} as date) as reviewed_on
from source
