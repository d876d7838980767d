-- A council's figure before it is checked: the printed value in its unit, with its printed parts if it has any.
with

lines as (

    select * from {{ ref('int_line') }} where role = 'value' and measure_id is not null

),

cells as (

    select * from {{ ref('int_return_cell') }} where area_kind = 'council'

),

parts as (

    select * from {{ ref('int_return_line') }} where area_kind = 'council'

),

weeks as (

    {{ parameter('weeks_per_year', 'integer') }}

),

-- Voluntary lines need not be sent, and some files print 0 for what a council did not send: a council whose
-- voluntary lines are all zero has sent none.
unsent as (

    select
        lines.release_id,
        cells.council_code
    from cells
    inner join lines on cells.line_key = lines.line_key
    where lines.is_voluntary
    group by lines.release_id, cells.council_code
    having coalesce(max(abs(cells.number)), 0) = 0

),

sent as (

    select cells.*
    from cells
    inner join lines on cells.line_key = lines.line_key
    left join unsent on lines.release_id = unsent.release_id and cells.council_code = unsent.council_code
    where not lines.is_voluntary or (cells.number is not null and unsent.council_code is null)

),

-- Where several releases of a year hold a measure, the figure of the release that comes first in precedence is current.
contested as (

    select financial_year, measure_id
    from lines
    group by financial_year, measure_id
    having count(distinct release_id) > 1

),

contested_lines as (

    select lines.*
    from lines
    inner join contested
        on lines.financial_year = contested.financial_year and lines.measure_id = contested.measure_id

),

ranked as (

    select
        cells.line_key,
        cells.council_code,
        row_number() over (
            partition by cells.council_code, contested_lines.financial_year, contested_lines.measure_id
            order by contested_lines.precedence, cells.line_key
        ) as rank_of_release
    from sent as cells
    inner join contested_lines on cells.line_key = contested_lines.line_key

),

superseded as (

    select line_key, council_code from ranked where rank_of_release > 1

)

select
    concat(
        cells.council_code, ':', lines.financial_year, ':', lines.measure_id, ':', substr(cells.sheet_id, 1, 8)
    ) as figure_id,
    lines.line_key,
    cells.council_code,
    superseded.line_key is null as is_current,
    cast(cells.number * lines.scale as {{ type_decimal() }}) as value,
    -- A blank or marked cell keeps the publisher's reason; it is never a zero.
    cells.missing_reason,
    cast(parts.numerator_thousands_gbp * 1000 as {{ type_decimal() }}) as numerator,
    cast(
        parts.denominator_printed * {{ periods_per_year('lines.denominator_per', 'weeks.weeks_per_year') }}
        as {{ type_decimal() }}
    ) as denominator,
    trim(cells.printed_text) as value_printed,
    -- PSS EX1 rounds numbers of people and weeks to the nearest 5.
    cast(
        case
            when lines.family = 'activity' and not lines.is_composed then 2.5
            else lines.scale * {{ half_of_last_digit('trim(cells.printed_text)') }}
        end as {{ type_decimal() }}
    ) as half_step,
    cells.sheet_id,
    cells.row_number,
    cells.column_number
from sent as cells
inner join lines on cells.line_key = lines.line_key
cross join weeks
left join parts on cells.line_key = parts.line_key and cells.council_code = parts.council_code
left join superseded on cells.line_key = superseded.line_key and cells.council_code = superseded.council_code
