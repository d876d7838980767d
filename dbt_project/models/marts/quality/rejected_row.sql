-- Rejected cells: those whose line no measure has in that year. A line with a word that no one knows is left out while
-- the other lines of its file are loaded (rule line_has_measure).
with

lines as (

    select * from {{ ref('int_line') }} where measure_id is null

),

cells as (

    select * from {{ ref('int_return_cell') }} where area_kind = 'council'

),

releases as (

    select * from {{ ref('int_release') }}

),

sheets as (

    select sheet_id, sheet from {{ ref('stg_returns__source_sheet') }}

)

select
    concat(
        'no measure for line ', lines.line, ' in ', lines.financial_year,
        case when lines.unknown_terms = '' then '' else concat('; unknown:', lines.unknown_terms) end
    ) as reason,
    cells.printed_text as raw_text,
    releases.file_name as file,
    sheets.sheet,
    cells.row_number as {{ adapter.quote('row') }},
    cells.column_number as {{ adapter.quote('column') }},
    cells.council_code,
    lines.financial_year
from cells
inner join lines on cells.line_key = lines.line_key
inner join releases on lines.release_id = releases.release_id
inner join sheets on cells.sheet_id = sheets.sheet_id
