{#- A view: the millions of cells are written once, when they have met their labels (int_return_cell). -#}
{{ config(materialized='view') }}
with

cells as (

    select * from {{ source('raw', 'cell') }}

)

select
    sheet_id,
    row_number,
    column_number,
    printed_text,
    {{ printed_number('printed_text') }} as number,
    trim(printed_text) as marker,
    printed_text like '%*' or printed_text like '%* ' or printed_text like '%]' as has_asterisk
from cells
