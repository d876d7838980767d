-- A printed unit cost with its two parts in one row. Regions and England are kept separate from councils by
-- area_kind: added together they would count every pound three times.
with

lines as (

    select * from {{ ref('int_line') }} where has_parts

),

cells as (

    select * from {{ ref('int_return_cell') }} where area_kind in ('council', 'england')

)

select
    max(case when lines.component = 'unit_cost' then lines.line_key end) as line_key,
    lines.release_id,
    lines.collection,
    lines.financial_year,
    cells.area_kind,
    cells.council_code,
    lines.line,
    max(case when lines.component = 'numerator' then cells.number end) as numerator_thousands_gbp,
    max(case when lines.component = 'numerator' then cells.missing_reason end) as numerator_missing_reason,
    max(case when lines.component = 'denominator' then cells.number end) as denominator_printed,
    max(case when lines.component = 'denominator' then cells.missing_reason end) as denominator_missing_reason,
    max(case when lines.component = 'denominator' then cells.column_number end) as denominator_column,
    max(case when lines.component = 'denominator' then cells.row_number end) as denominator_row,
    max(case when cells.is_flagged_by_publisher then 1 else 0 end) = 1 as is_flagged_by_publisher,
    count(*) as n_cells
from cells
inner join lines on cells.line_key = lines.line_key
group by lines.release_id, lines.collection, lines.financial_year, cells.area_kind, cells.council_code, lines.line
