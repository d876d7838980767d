with

figures as (

    select figure_id, line_key, council_code from {{ ref('int_figure') }}

),

lines as (

    select * from {{ ref('int_line') }} where has_parts

),

cells as (

    select * from {{ ref('int_return_cell') }} where area_kind = 'council'

),

releases as (

    select * from {{ ref('int_release') }}

),

sheets as (

    select sheet_id, sheet from {{ ref('stg_returns__source_sheet') }}

),

origins as (

    select sheet_id, row_number, compiled_from, compiled_from_row, compiled_from_column
    from {{ ref('stg_returns__row_label') }}
    where compiled_from is not null

),

values_by_line as (

    select release_id, line, line_key from lines where component = 'unit_cost'

)

select
    figures.figure_id,
    lines.component,
    releases.file_name,
    releases.source_id as sha256,
    sheets.sheet,
    cells.row_number,
    cells.column_number,
    cells.printed_text,
    cells.number,
    cells.missing_reason,
    origins.compiled_from,
    origins.compiled_from_row,
    origins.compiled_from_column
from cells
inner join lines on cells.line_key = lines.line_key
inner join values_by_line on lines.release_id = values_by_line.release_id and lines.line = values_by_line.line
inner join figures
    on values_by_line.line_key = figures.line_key and cells.council_code = figures.council_code
inner join releases on lines.release_id = releases.release_id
inner join sheets on cells.sheet_id = sheets.sheet_id
left join origins on cells.sheet_id = origins.sheet_id and cells.row_number = origins.row_number
