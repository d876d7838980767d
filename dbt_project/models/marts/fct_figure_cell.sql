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

    select sheet_id, sheet from {{ source('raw', 'source_sheet') }}

),

origins as (

    select sheet_id, row_number, source, source_row, source_column
    from {{ source('raw', 'row_label') }}
    where source is not null

),

named as (

    select
        figures.figure_id,
        lines.release_id,
        lines.line,
        figures.council_code
    from figures
    inner join lines on figures.line_key = lines.line_key

)

select
    named.figure_id,
    lines.component,
    releases.file_name,
    releases.source_id as sha256,
    sheets.sheet,
    cells.row_number,
    cells.column_number,
    cells.printed_text,
    cells.number,
    cells.missing_reason,
    origins.source as compiled_from,
    origins.source_row as compiled_from_row,
    origins.source_column as compiled_from_column
from cells
inner join lines on cells.line_key = lines.line_key
inner join named
    on
        lines.release_id = named.release_id
        and lines.line = named.line
        and cells.council_code = named.council_code
inner join releases on lines.release_id = releases.release_id
inner join sheets on cells.sheet_id = sheets.sheet_id
left join origins on cells.sheet_id = origins.sheet_id and cells.row_number = origins.row_number
