-- A printed unit cost with its two parts in one row. Regions and England stay apart from councils by area_kind:
-- added together they would count every pound three times.
with

cells as (

    select * from {{ ref('int_return_cell') }}

)

select
    release_id,
    collection,
    financial_year,
    area_kind,
    council_code,
    line,
    max(case when component = 'numerator' then number end) as numerator_thousands_gbp,
    max(case when component = 'numerator' then missing_reason end) as numerator_missing_reason,
    max(case when component = 'denominator' then number end) as denominator_printed,
    max(case when component = 'denominator' then missing_reason end) as denominator_missing_reason,
    max(case when component = 'unit_cost' then number end) as unit_cost_gbp,
    max(case when component = 'unit_cost' then missing_reason end) as unit_cost_missing_reason,
    max(case when component = 'unit_cost' then trim(printed_text) end) as unit_cost_printed,
    max(case when component = 'unit_cost' then row_number end) as unit_cost_row,
    max(case when component = 'unit_cost' then column_number end) as unit_cost_column,
    max(case when component = 'denominator' then column_number end) as denominator_column,
    max(case when component = 'denominator' then row_number end) as denominator_row,
    max(case when is_flagged_by_publisher then 1 else 0 end) = 1 as is_flagged_by_publisher,
    count(*) as n_cells
from cells
where area_kind in ('council', 'england')
group by release_id, collection, financial_year, area_kind, council_code, line
