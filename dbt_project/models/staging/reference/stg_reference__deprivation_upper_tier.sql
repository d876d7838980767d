-- Every domain's statistics, down instead of across. The header says which year's council codes it uses, and that tells
-- the edition: 2015 was drawn for the councils of 2013.
with

cells as (

    {{ register_cells('deprivation_upper_tier') }}

),

editions as (

    select
        sheet_id,
        case when printed_text = '2013' then 2015 else cast(printed_text as integer) end as index_year
    from {{ source('raw', 'sheet_note') }}
    where kind = 'mid_year'

),

areas as (

    select
        sheet_id,
        row_number,
        max(
            case when field = 'Upper Tier Local Authority District code' then trim(printed_text) end
        ) as area_code,
        max(case when field = 'Upper Tier Local Authority District name' then trim(printed_text) end) as area
    from cells
    group by sheet_id, row_number

)

select
    cells.source_id,
    cells.sheet,
    cells.row_number,
    cells.column_number,
    editions.index_year,
    areas.area_code,
    areas.area,
    substr(cells.field, 1, instr(cells.field, ' - ') - 1) as domain,
    substr(cells.field, instr(cells.field, ' - ') + 3) as statistic,
    {{ printed_number('cells.printed_text') }} as value
from cells
inner join editions on cells.sheet_id = editions.sheet_id
inner join areas on cells.sheet_id = areas.sheet_id and cells.row_number = areas.row_number
where instr(cells.field, ' - ') > 0
