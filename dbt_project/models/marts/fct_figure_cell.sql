with

figures as (

    select figure_id, release_id, council_code, line from {{ ref('int_figure') }}

),

cells as (

    select * from {{ ref('int_return_cell') }} where area_kind = 'council'

),

releases as (

    select * from {{ ref('dim_release') }}

),

origins as (

    select
        source_id,
        sheet,
        axis_position as row_number,
        max(case when dimension = 'source' then printed_text end) as compiled_from,
        max(case when dimension = 'source_row' then printed_text end) as compiled_from_row,
        max(case when dimension = 'source_column' then printed_text end) as compiled_from_column
    from {{ source('raw', 'label') }}
    where axis = 'row' and dimension in ('source', 'source_row', 'source_column')
    group by source_id, sheet, axis_position

)

select
    figures.figure_id,
    cells.component,
    releases.file_name,
    releases.sha256,
    cells.sheet,
    cells.row_number,
    cells.column_number,
    cells.printed_text,
    cells.number,
    cells.missing_reason,
    origins.compiled_from,
    origins.compiled_from_row,
    origins.compiled_from_column
from figures
inner join cells
    on
        figures.release_id = cells.release_id
        and figures.council_code = cells.council_code
        and figures.line = cells.line
inner join releases on figures.release_id = releases.release_id
left join origins
    on
        cells.source_id = origins.source_id
        and cells.sheet = origins.sheet
        and cells.row_number = origins.row_number
