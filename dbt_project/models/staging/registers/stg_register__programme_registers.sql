with

source as (

    select * from {{ source('registers', 'carequartile_programme_saving') }}

)

select
    source_id,
    row_number,
    {{ printed_text('saving_id') }} as saving_id,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('council') }} as council,
    {{ printed_text('programme') }} as programme,
    {{ printed_text('theme') }} as theme,
    {{ printed_text('description') }} as description,
    {{ printed_number('amount_gbp') }} as amount_gbp,
    {{ printed_number('low_gbp') }} as low_gbp,
    {{ printed_number('high_gbp') }} as high_gbp,
    {{ printed_text('period') }} as period,
    {{ printed_text('status') }} as status,
    {{ printed_text('scope') }} as scope,
    {{ printed_text('amount_basis') }} as amount_basis,
    {{ printed_text('qualifier') }} as qualifier,
    {{ printed_text('as_printed') }} as as_printed,
    {{ printed_text('document') }} as document,
    {{ printed_text('section') }} as section,
    {{ printed_text('note') }} as note
from source
