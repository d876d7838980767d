-- Single years of age of every area. The year is the sheet's.
with

source as (

    select * from {{ source('reference', 'ons_mid_year') }}

)

select
    source_id,
    row_number,
    column_number,
    cast(mid_year as integer) as mid_year,
    {{ printed_text('code') }} as ons_code,
    {{ printed_text('name') }} as name,
    {{ printed_text('geography') }} as geography,
    -- 90 is 90 and over; the total of all ages has none.
    try_cast(translate(field, '+', '') as integer) as age,
    cast({{ printed_number('printed_text') }} as bigint) as people
from source
