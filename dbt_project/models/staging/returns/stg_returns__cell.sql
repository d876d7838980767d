{#- A view: the millions of cells are written once, when they have met their labels. -#}
{{ config(materialized='view') }}
-- Value cells of every return, typed, at the place they were printed. What they mean is said by the labels of their row
-- and their column (int_line), however the file looked.
with

sheets as (

    select sheet_id, layout from {{ source('raw', 'source_sheet') }} where kind = 'return'

),

markers as (

    select * from {{ source('raw', 'layout_marker') }}

),

typed as (

    select
        cell.sheet_id,
        sheets.layout,
        cell.row_number,
        cell.column_number,
        cell.printed_text,
        {{ printed_number('cell.printed_text') }} as number,
        cell.printed_text like '%*' or cell.printed_text like '%* ' as is_flagged_by_publisher
    from {{ source('raw', 'cell') }} as cell
    inner join sheets on cell.sheet_id = sheets.sheet_id

)

select
    typed.sheet_id,
    typed.row_number,
    typed.column_number,
    typed.printed_text,
    typed.number,
    markers.missing_reason,
    typed.number is not null and typed.is_flagged_by_publisher as is_flagged_by_publisher
from typed
left join markers
    on typed.number is null and typed.layout = markers.layout and trim(typed.printed_text) = markers.marker
