-- A council's figure before anyone has judged it: the printed value in its unit, with its printed parts where it has any.
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

    select cast(number as integer) as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

-- A measure that only one release of a year holds is current there; where several do, the first in precedence is.
contested as (

    select financial_year, measure_id
    from lines
    group by financial_year, measure_id
    having count(distinct release_id) > 1

),

first_of_contested as (

    select
        cells.council_code,
        lines.financial_year,
        lines.measure_id,
        min(lines.precedence) as precedence
    from cells
    inner join lines on cells.line_key = lines.line_key
    inner join contested
        on lines.financial_year = contested.financial_year and lines.measure_id = contested.measure_id
    where not (lines.is_voluntary and cells.number is null)
    group by cells.council_code, lines.financial_year, lines.measure_id

)

select
    concat(
        cells.council_code, ':', lines.financial_year, ':', lines.measure_id, ':', substr(cells.sheet_id, 1, 8)
    ) as figure_id,
    lines.line_key,
    cells.council_code,
    coalesce(first_of_contested.precedence = lines.precedence, true) as is_current,
    cast(cells.number * lines.scale as {{ type_decimal() }}) as value,
    -- A blank or marked cell keeps the publisher's reason; it is never a zero.
    cells.missing_reason,
    cast(parts.numerator_thousands_gbp * 1000 as {{ type_decimal() }}) as numerator,
    cast(
        parts.denominator_printed * {{ periods_per_year('lines.denominator_per', 'weeks.weeks_per_year') }}
        as {{ type_decimal() }}
    ) as denominator,
    trim(cells.printed_text) as value_printed,
    cells.sheet_id,
    cells.row_number,
    cells.column_number
from cells
inner join lines on cells.line_key = lines.line_key
cross join weeks
left join parts
    on
        lines.has_parts
        and lines.release_id = parts.release_id
        and lines.line = parts.line
        and cells.council_code = parts.council_code
left join first_of_contested
    on
        cells.council_code = first_of_contested.council_code
        and lines.financial_year = first_of_contested.financial_year
        and lines.measure_id = first_of_contested.measure_id
-- Nobody owes a voluntary line: one that a council did not send is no missing figure.
where not (lines.is_voluntary and cells.number is null)
