-- Single years of age of every area, down instead of across. The year is the sheet's own.
with

cells as (

    {{ register_cells('ons_mid_year') }}

),

mid_years as (

    select sheet_id, cast(printed_text as integer) as mid_year
    from {{ source('raw', 'sheet_note') }}
    where kind = 'mid_year'

),

areas as (

    select
        sheet_id,
        row_number,
        max(case when field = 'Code' then trim(printed_text) end) as ons_code,
        max(case when field = 'Name' then trim(printed_text) end) as name,
        max(case when field = 'Geography' then trim(printed_text) end) as geography
    from cells
    group by sheet_id, row_number

)

select
    cells.source_id,
    cells.row_number,
    cells.column_number,
    mid_years.mid_year,
    areas.ons_code,
    areas.name,
    areas.geography,
    -- 90 is 90 and over; the total of all ages has none.
    try_cast(translate(cells.field, '+', '') as integer) as age,
    cast({{ printed_number('cells.printed_text') }} as bigint) as people
from cells
inner join mid_years on cells.sheet_id = mid_years.sheet_id
inner join areas on cells.sheet_id = areas.sheet_id and cells.row_number = areas.row_number
where cells.field not in ('Code', 'Name', 'Geography')
