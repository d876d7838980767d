{#- The cells of a register or reference table in long form: one row per cell, with its field and its text as printed. -#}
{% macro register_cells(layout) %}
select
    sheets.source_id,
    sheets.sheet_id,
    sheets.sheet,
    cell.row_number,
    cell.column_number,
    label.field,
    cell.printed_text
from {{ source('raw', 'cell') }} as cell
inner join {{ source('raw', 'source_sheet') }} as sheets on cell.sheet_id = sheets.sheet_id
inner join {{ source('raw', 'column_label') }} as label
    on cell.sheet_id = label.sheet_id and cell.column_number = label.column_number
where sheets.layout = '{{ layout }}'
{% endmacro %}

{#- The rows of a register or reference table (a layout of records), one column per field, as text. -#}
{% macro register_rows(layout, fields) %}
with

cells as (

    {{ register_cells(layout) }}

)

select
    source_id,
    sheet,
    row_number
    {%- for field in fields %},
    max(case when field = '{{ field }}' then nullif(trim(printed_text), '') end) as {{ adapter.quote(field) }}
    {%- endfor %}
from cells
group by source_id, sheet, row_number
{% endmacro %}
