-- A council's figure before anyone has judged it. The value is the printed unit cost; numerator and denominator are its
-- printed parts in pounds and in units of a whole year, so that value = numerator / denominator wherever both hold.
with

lines as (

    select * from {{ ref('int_return_line') }} where area_kind = 'council'

),

releases as (

    select * from {{ source('raw', 'release') }}

),

measure_lines as (

    select * from {{ ref('measure_line') }}

),

measures as (

    select * from {{ ref('measure') }}

),

councils as (

    select * from {{ ref('int_council_year') }}

),

weeks as (

    select cast(number as integer) as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

figures as (

    select
        concat(
            lines.council_code, ':', lines.financial_year, ':', measure_lines.measure_id, ':',
            substr(releases.source_id, 1, 8)
        ) as figure_id,
        lines.*,
        measure_lines.measure_id,
        measure_lines.definition_version,
        measure_lines.denominator_per,
        measure_lines.numerator_step,
        measure_lines.denominator_step,
        case when measure_lines.denominator_per = 'week' then weeks.weeks_per_year else 1 end as periods_per_year,
        weeks.weeks_per_year,
        releases.coverage,
        releases.status as release_status,
        row_number() over (
            partition by lines.council_code, lines.financial_year, measure_lines.measure_id
            -- A whole return before an extract of it, final before provisional, then the newest.
            order by
                case releases.coverage when 'england' then 0 else 1 end,
                case releases.status when 'final' then 0 else 1 end,
                releases.published_on desc nulls last,
                releases.received_at desc,
                releases.release_id
        ) = 1 as is_current
    from lines
    inner join releases on lines.release_id = releases.release_id
    inner join measure_lines
        on
            lines.collection = measure_lines.collection
            and lines.line = measure_lines.line
            and lines.financial_year between measure_lines.from_year and measure_lines.to_year
    cross join weeks

)

select
    figures.figure_id,
    figures.release_id,
    figures.collection,
    figures.coverage,
    figures.release_status,
    figures.is_current,
    figures.financial_year,
    figures.council_code,
    councils.council,
    councils.class,
    councils.region,
    figures.line,
    figures.measure_id,
    figures.definition_version,
    measures.client_group,
    measures.service,
    measures.age_band,
    measures.provision,
    measures.unit,
    measures.denominator_unit,
    figures.unit_cost_gbp as value,
    figures.unit_cost_printed as value_printed,
    -- A blank or marked unit cost keeps the publisher's reason; it is never a zero.
    figures.unit_cost_missing_reason as missing_reason,
    figures.numerator_thousands_gbp * 1000 as numerator,
    figures.denominator_printed * figures.periods_per_year as denominator,
    figures.denominator_printed,
    figures.denominator_per,
    figures.periods_per_year,
    figures.weeks_per_year,
    -- Half of the last printed digit of each part: what the printed figures cannot tell apart.
    cast(figures.numerator_step * 1000 / 2 as {{ type_decimal() }}) as numerator_half_step,
    cast(figures.denominator_step * figures.periods_per_year / 2 as {{ type_decimal() }}) as denominator_half_step,
    cast(
        case
            -- 2009-10 prints meals to ten pence with a zero behind (3.90): the last digit does not count there.
            when figures.unit_cost_printed like '%._0' then 0.05
            when figures.unit_cost_printed like '%.__' then 0.005
            when figures.unit_cost_printed like '%._' then 0.05
            when figures.unit_cost_printed like '%.%' then 0.0005
            else 0.5
        end as {{ type_decimal() }}
    ) as value_half_step,
    figures.is_flagged_by_publisher,
    figures.unit_cost_row,
    figures.unit_cost_column,
    figures.denominator_row,
    figures.denominator_column
from figures
inner join measures
    on figures.measure_id = measures.measure_id and figures.definition_version = measures.definition_version
left join councils
    on figures.council_code = councils.council_code and figures.financial_year = councils.financial_year
