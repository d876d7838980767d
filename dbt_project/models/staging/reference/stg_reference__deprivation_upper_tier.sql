-- Every domain's statistics. The header says which year's council codes it uses, and that gives the edition: the index
-- of 2015 was made for the councils of 2013.
with

source as (

    select * from {{ source('reference', 'deprivation_upper_tier') }}

)

select
    source_id,
    sheet,
    row_number,
    column_number,
    case when mid_year = '2013' then 2015 else cast(mid_year as integer) end as index_year,
    {{ printed_text('area_code') }} as area_code,
    {{ printed_text('area') }} as area,
    substr(field, 1, instr(field, ' - ') - 1) as domain,
    substr(field, instr(field, ' - ') + 3) as statistic,
    {{ printed_number('printed_text') }} as value
from source
