-- Cells that conform set aside: those whose line no measure knows in that year.
-- Returns are loaded whole or not at all, so it is empty unless the reference tables lag behind; then gate A stops.
with

lines as (

    select * from {{ ref('int_return_cell') }} where area_kind = 'council'

),

figures as (

    select distinct release_id, line from {{ ref('int_figure') }}

),

files as (

    select source_id, min(file_name) as file_name
    from {{ source('raw', 'source_file') }}
    where status = 'loaded'
    group by source_id

)

select
    concat('no measure for line ', lines.line, ' in ', lines.financial_year) as reason,
    lines.printed_text as raw_text,
    files.file_name as file,
    lines.sheet,
    lines.row_number as {{ adapter.quote('row') }},
    lines.column_number as {{ adapter.quote('column') }},
    lines.council_code,
    lines.financial_year
from lines
inner join files on lines.source_id = files.source_id
left join figures on lines.release_id = figures.release_id and lines.line = figures.line
where figures.line is null
