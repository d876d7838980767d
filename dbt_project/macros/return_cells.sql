{#- The value cells of one layout, each with the labels of its row, its column and its sheet side by side, typed.

    Every published table is value cells described by labels (raw.label). A layout differs only in which axis carries
    which label; `row`, `column` and `sheet` list the dimensions by axis. -#}
{% macro return_cells(layout, row=[], column=[], sheet=[]) %}
with

sheets as (

    select source_id, sheet, layout
    from {{ source('raw', 'source_sheet') }}
    where layout = '{{ layout }}'

),

markers as (

    select marker, missing_reason
    from {{ source('raw', 'layout_marker') }}
    where layout = '{{ layout }}'

),

labels as (

    select
        label.source_id, label.sheet, label.axis, label.axis_position, label.dimension, label.printed_text
    from {{ source('raw', 'label') }} as label
    inner join sheets on label.source_id = sheets.source_id and label.sheet = sheets.sheet

),

{%- for axis, dimensions in [('row', row), ('column', column), ('sheet', sheet)] if dimensions %}

{{ axis }}_labels as (

    select
        source_id,
        sheet,
        axis_position
        {%- for dimension in dimensions %},
        max(case when dimension = '{{ dimension }}' then printed_text end) as {{ dimension }}
        {%- endfor %}
    from labels
    where axis = '{{ axis }}'
    group by source_id, sheet, axis_position

),
{%- endfor %}

described as (

    select
        cell.source_id,
        cell.sheet,
        cell.row_number,
        cell.column_number,
        {%- for dimension in row + column + sheet %}
        {{ dimension }},
        {%- endfor %}
        cell.printed_text,
        {{ printed_number('cell.printed_text') }} as number,
        trim(cell.printed_text) like '%*' as is_flagged_by_publisher
    from {{ source('raw', 'cell') }} as cell
    inner join sheets on cell.source_id = sheets.source_id and cell.sheet = sheets.sheet
    {%- if row %}
    inner join row_labels
        on
            cell.source_id = row_labels.source_id
            and cell.sheet = row_labels.sheet
            and cell.row_number = row_labels.axis_position
    {%- endif %}
    {%- if column %}
    inner join column_labels
        on
            cell.source_id = column_labels.source_id
            and cell.sheet = column_labels.sheet
            and cell.column_number = column_labels.axis_position
    {%- endif %}
    {%- if sheet %}
    inner join sheet_labels
        on cell.source_id = sheet_labels.source_id and cell.sheet = sheet_labels.sheet
    {%- endif %}

)

select
    described.source_id,
    described.sheet,
    described.row_number,
    described.column_number,
    described.financial_year,
    described.area_kind,
    nullif(described.council_code, '') as council_code,
    described.line,
    described.component,
    described.printed_text,
    described.number,
    case when described.number is null then markers.missing_reason end as missing_reason,
    described.is_flagged_by_publisher
from described
left join markers on trim(described.printed_text) = markers.marker
{% endmacro %}

{#- The rows of a register (a layout of records the user keeps), one column per field, as text. -#}
{% macro register_rows(layout, fields) %}
with

sheets as (

    select source_id, sheet
    from {{ source('raw', 'source_sheet') }}
    where layout = '{{ layout }}'

),

fields as (

    select
        label.source_id, label.sheet, label.axis_position as column_number, label.printed_text as field
    from {{ source('raw', 'label') }} as label
    inner join sheets on label.source_id = sheets.source_id and label.sheet = sheets.sheet
    where label.dimension = 'field'

)

select
    cell.source_id,
    cell.row_number
    {%- for field in fields %},
    max(case when fields.field = '{{ field }}' then nullif(trim(cell.printed_text), '') end) as {{ adapter.quote(field) }}
    {%- endfor %}
from {{ source('raw', 'cell') }} as cell
inner join fields
    on
        cell.source_id = fields.source_id
        and cell.sheet = fields.sheet
        and cell.column_number = fields.column_number
group by cell.source_id, cell.row_number
{% endmacro %}
