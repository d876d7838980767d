-- England and the regions as printed, apart from the councils: added to them, every pound would count three times.
with

lines as (

    select * from {{ ref('int_line') }} where role = 'value' and measure_id is not null

),

cells as (

    select * from {{ ref('int_return_cell') }} where area_kind in ('england', 'region')

),

measures as (

    select * from {{ ref('int_measure') }}

),

releases as (

    select * from {{ ref('int_release') }}

),

sheets as (

    select sheet_id, sheet from {{ ref('stg_returns__source_sheet') }}

),

regions as (

    select * from {{ ref('region_name') }}

)

select
    cells.area_kind,
    -- Regions are printed by code, or in three spellings; by one name each they can be followed over the years.
    case cells.area_kind when 'england' then 'England' else coalesce(regions.region, trim(cells.area)) end as area,
    lines.financial_year,
    lines.measure_id,
    lines.definition_version,
    lines.release_id,
    cast(cells.number * lines.scale as {{ type_decimal() }}) as value,
    measures.unit,
    case when cells.number is null then coalesce(cells.missing_reason, 'not_available') end as missing_reason,
    lines.line,
    cells.printed_text as value_printed,
    releases.file_name,
    sheets.sheet,
    cells.row_number,
    cells.column_number
from cells
inner join lines on cells.line_key = lines.line_key
inner join measures on lines.measure_key = measures.measure_key
inner join releases on lines.release_id = releases.release_id
inner join sheets on cells.sheet_id = sheets.sheet_id
left join regions on lower(trim(cells.area)) = regions.printed
