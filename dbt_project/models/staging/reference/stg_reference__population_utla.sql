with

source as (

    select * from {{ source('reference', 'population_utla') }}

)

select
    source_id,
    row_number,
    cast({{ printed_text('mid_year') }} as integer) as mid_year,
    {{ printed_text('ons_code') }} as ons_code,
    {{ printed_text('name') }} as name,
    cast({{ printed_number('pop_all_ages') }} as bigint) as pop_all_ages,
    cast({{ printed_number('pop_18_plus') }} as bigint) as pop_18_plus,
    cast({{ printed_number('pop_18_64') }} as bigint) as pop_18_64,
    cast({{ printed_number('pop_65_plus') }} as bigint) as pop_65_plus,
    cast({{ printed_number('pop_65_74') }} as bigint) as pop_65_74,
    cast({{ printed_number('pop_75_84') }} as bigint) as pop_75_84,
    cast({{ printed_number('pop_85_plus') }} as bigint) as pop_85_plus
from source
