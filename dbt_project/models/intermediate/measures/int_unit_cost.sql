-- A council's unit cost with all that its checks need: its measure, its parts over a whole year, and half of the last
-- printed digit of each, within which the three must agree.
with

figures as (

    select * from {{ ref('int_figure') }}

),

lines as (

    select * from {{ ref('int_line') }} where has_parts and role = 'value'

),

parts as (

    select * from {{ ref('int_return_line') }} where area_kind = 'council'

),

measures as (

    select * from {{ ref('int_measure') }}

),

councils as (

    select * from {{ ref('int_council_year') }}

),

weeks as (

    {{ parameter('weeks_per_year', 'integer') }}

)

select
    figures.figure_id,
    lines.release_id,
    lines.collection,
    lines.coverage,
    lines.release_status,
    figures.is_current,
    lines.financial_year,
    figures.council_code,
    councils.council,
    councils.class,
    councils.region,
    lines.line,
    lines.measure_id,
    lines.definition_version,
    measures.client_group,
    measures.service,
    measures.age_band,
    measures.provision,
    measures.unit,
    measures.denominator_unit,
    figures.value,
    figures.value_printed,
    figures.missing_reason,
    figures.numerator,
    figures.denominator,
    parts.denominator_printed,
    lines.denominator_per,
    {{ periods_per_year('lines.denominator_per', 'weeks.weeks_per_year') }} as periods_per_year,
    weeks.weeks_per_year,
    -- Half of the last printed digit of each part: what the printed figures cannot distinguish.
    cast(lines.numerator_step * 1000 / 2 as {{ type_decimal() }}) as numerator_half_step,
    cast(
        lines.denominator_step * {{ periods_per_year('lines.denominator_per', 'weeks.weeks_per_year') }} / 2
        as {{ type_decimal() }}
    ) as denominator_half_step,
    cast(
        case
            -- 2009-10 prints meals to ten pence with a trailing zero (3.90), which does not count as a digit.
            when figures.value_printed like '%._0' then 0.05
            when figures.value_printed like '%.__' then 0.005
            when figures.value_printed like '%._' then 0.05
            when figures.value_printed like '%.%' then 0.0005
            else 0.5
        end as {{ type_decimal() }}
    ) as value_half_step,
    parts.is_flagged_by_publisher,
    figures.row_number as unit_cost_row,
    figures.column_number as unit_cost_column,
    parts.denominator_row,
    parts.denominator_column
from figures
inner join lines on figures.line_key = lines.line_key
inner join measures on lines.measure_key = measures.measure_key
inner join parts on figures.line_key = parts.line_key and figures.council_code = parts.council_code
cross join weeks
left join councils
    on figures.council_code = councils.council_code and lines.financial_year = councils.financial_year
