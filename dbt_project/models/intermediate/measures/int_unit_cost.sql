-- A council's unit cost with all that its checks need: its measure, its parts over a whole year, and half of the last
-- printed digit of each, within which the three must agree. Most files print the parts beside the unit cost; in the
-- voluntary file of ASC-FR they are lines of their own, and an hourly rate has none.
with

figures as (

    select * from {{ ref('int_figure') }}

),

lines as (

    select * from {{ ref('int_line') }}
    where role = 'value' and measure_id is not null and (has_parts or quantity in ('unit_cost', 'hourly_rate'))

),

part_lines as (

    select * from {{ ref('int_line') }}
    where role = 'value' and quantity in ('unit_cost_numerator', 'unit_cost_denominator')

),

parts_apart as (

    select
        release_id, client, age_band, service, provision, is_net_of_income,
        max(case when quantity = 'unit_cost_numerator' then line_key end) as numerator_line_key,
        max(case when quantity = 'unit_cost_denominator' then line_key end) as denominator_line_key
    from part_lines
    group by release_id, client, age_band, service, provision, is_net_of_income

),

parts as (

    select * from {{ ref('int_return_line') }} where area_kind = 'council'

),

part_figures as (

    select figures.line_key, figures.council_code, figures.value, figures.half_step
    from figures
    inner join part_lines on figures.line_key = part_lines.line_key

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
    lines.has_parts,
    lines.is_voluntary,
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
    coalesce(figures.numerator, money.value) as numerator,
    coalesce(figures.denominator, volume.value) as denominator,
    parts.denominator_printed,
    lines.denominator_per,
    {{ periods_per_year('lines.denominator_per', 'weeks.weeks_per_year') }} as periods_per_year,
    weeks.weeks_per_year,
    -- Half of the last printed digit of each part: what the printed figures cannot distinguish.
    cast(coalesce(lines.numerator_step * 1000 / 2, money.half_step) as {{ type_decimal() }}) as numerator_half_step,
    cast(
        coalesce(
            lines.denominator_step * {{ periods_per_year('lines.denominator_per', 'weeks.weeks_per_year') }} / 2,
            volume.half_step
        ) as {{ type_decimal() }}
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
    coalesce(parts.is_flagged_by_publisher, false) as is_flagged_by_publisher,
    figures.row_number as unit_cost_row,
    figures.column_number as unit_cost_column,
    parts.denominator_row,
    parts.denominator_column,
    parts_apart.numerator_line_key,
    parts_apart.denominator_line_key
from figures
inner join lines on figures.line_key = lines.line_key
inner join measures on lines.measure_key = measures.measure_key
left join parts on figures.line_key = parts.line_key and figures.council_code = parts.council_code
left join parts_apart
    on
        not lines.has_parts
        and lines.release_id = parts_apart.release_id
        and lines.client = parts_apart.client
        and coalesce(lines.age_band, '') = coalesce(parts_apart.age_band, '')
        and coalesce(lines.service, '') = coalesce(parts_apart.service, '')
        and lines.provision = parts_apart.provision
        and lines.is_net_of_income = parts_apart.is_net_of_income
left join part_figures as money
    on parts_apart.numerator_line_key = money.line_key and figures.council_code = money.council_code
left join part_figures as volume
    on parts_apart.denominator_line_key = volume.line_key and figures.council_code = volume.council_code
cross join weeks
left join councils
    on figures.council_code = councils.council_code and lines.financial_year = councils.financial_year
