-- Every value cell of every return in one form: a number, or the reason why there is none, for an area, with the row
-- and column it was printed in. A table of several years prints a council that was given a new code under that code in
-- all of them: in years before the change it is the council with the old code.
with

cells as (

    select * from {{ ref('stg_returns__cell') }}

),

row_labels as (

    select * from {{ ref('stg_returns__row_label') }}

),

column_labels as (

    select * from {{ ref('stg_returns__column_label') }}

),

sheets as (

    select sheet_id, layout, financial_year from {{ ref('stg_returns__source_sheet') }} where is_return

),

markers as (

    select * from {{ ref('stg_returns__layout_marker') }}

),

lines as (

    select
        line_key,
        sheet_id,
        financial_year,
        line,
        component,
        cast(substr(financial_year, 1, 4) as integer) as first_of_year
    from {{ ref('int_line') }}

),

recoded as (

    select
        new_council_code,
        old_council_code,
        cast(substr(cast(effective_on as {{ dbt.type_string() }}), 1, 4) as integer) as first_of_year
    from {{ ref('council_change') }}
    where change = 'recode' and new_council_code <> old_council_code

)

select
    lines.line_key,
    cells.sheet_id,
    cells.row_number,
    cells.column_number,
    coalesce(row_labels.area_kind, column_labels.area_kind) as area_kind,
    coalesce(recoded.old_council_code, row_labels.council_code, column_labels.council_code) as council_code,
    coalesce(row_labels.area, column_labels.area) as area,
    cells.printed_text,
    cells.number,
    markers.missing_reason,
    cells.number is not null and cells.has_asterisk as is_flagged_by_publisher
from cells
inner join sheets on cells.sheet_id = sheets.sheet_id
inner join row_labels on cells.sheet_id = row_labels.sheet_id and cells.row_number = row_labels.row_number
left join column_labels
    on cells.sheet_id = column_labels.sheet_id and cells.column_number = column_labels.column_number
inner join lines
    on
        cells.sheet_id = lines.sheet_id
        and coalesce(row_labels.financial_year, column_labels.financial_year, sheets.financial_year)
        = lines.financial_year
        and coalesce(row_labels.line, column_labels.line) = lines.line
        and coalesce(row_labels.component, column_labels.component) = lines.component
left join markers
    on cells.number is null and sheets.layout = markers.layout and cells.marker = markers.marker
left join recoded
    on
        coalesce(row_labels.council_code, column_labels.council_code) = recoded.new_council_code
        and lines.first_of_year < recoded.first_of_year
