with

source as (

    select * from {{ source('registers', 'carequartile_placement_band') }}

)

select
    source_id,
    row_number,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('setting_group') }} as setting_group,
    cast({{ printed_text('from_date') }} as date) as from_date,
    cast({{ printed_text('band_order') }} as integer) as band_order,
    {{ printed_text('band') }} as band,
    {{ printed_number('low_gbp') }} as low_gbp,
    {{ printed_number('high_gbp') }} as high_gbp
from source
