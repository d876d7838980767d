with

source as (

    select * from {{ source('registers', 'programme_spend') }}

)

select
    source_id,
    row_number,
    {{ printed_text('section_no') }} as section,
    {{ printed_text('council') }} as council,
    {{ printed_text('financial_year') }} as printed_year,
    {{ printed_number('gross_spend_gbp') }} as gross_spend_gbp,
    {{ printed_text('basis') }} as basis,
    {{ printed_text('is_primary') }} = 'Y' as is_primary,
    {{ printed_text('as_printed') }} as as_printed,
    {{ printed_text('note') }} as note
from source
