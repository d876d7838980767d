with

source as (

    select * from {{ source('registers', 'programme_saving') }}

)

select
    source_id,
    row_number,
    cast({{ printed_text('section_no') }} as integer) as section_no,
    {{ printed_text('council') }} as council,
    {{ printed_text('theme') }} as theme,
    {{ printed_text('description') }} as description,
    {{ printed_number('amount_gbp') }} as amount_gbp,
    {{ printed_text('period') }} as period,
    {{ printed_text('status') }} as status,
    {{ printed_text('as_printed') }} as as_printed,
    {{ printed_text('scope') }} as scope,
    {{ printed_text('amount_basis') }} as amount_basis,
    {{ printed_text('note') }} as note,
    {{ printed_text('qualifier') }} as qualifier
from source
