with

source as (

    select * from {{ source('reference', 'population_bands') }}

)

select
    source_id,
    row_number,
    cast({{ printed_text('mid_year') }} as integer) as mid_year,
    {{ printed_text('ons_code') }} as ons_code,
    {{ printed_text('name') }} as name,
    cast({{ printed_number('pop_all_ages') }} as bigint) as pop_all_ages,
    cast({{ printed_number('pop_0_17') }} as bigint) as pop_0_17,
    cast({{ printed_number('pop_18_64') }} as bigint) as pop_18_64,
    cast({{ printed_number('pop_65_plus') }} as bigint) as pop_65_plus,
    cast({{ printed_number('pop_18_24') }} as bigint) as pop_18_24,
    cast({{ printed_number('pop_65_74') }} as bigint) as pop_65_74,
    cast({{ printed_number('pop_75_84') }} as bigint) as pop_75_84,
    cast({{ printed_number('pop_85_plus') }} as bigint) as pop_85_plus,
    {{ printed_text('status') }} as status,
    {{ printed_text(adapter.quote('precision')) }} as {{ adapter.quote('precision') }},
    {{ printed_text('source') }} as source
from source
