-- What gate A asks of a line over all councils: is every council of the file there, and do they add up to England
-- wherever it is printed?
with

lines as (

    select
        lines.*,
        -- A workbook with a sheet per council prints a line once on each.
        min(lines.line_key) over (
            partition by lines.release_id, lines.financial_year, lines.line, lines.component
        ) as first_line_key,
        -- Scores do not add up, and the outturn's printed England includes other authorities.
        lines.family <> 'unit_cost' and collections.england_total_of not in ('none', 'all_authorities') as is_sum
    from {{ ref('int_line') }} as lines
    inner join {{ ref('collection') }} as collections on lines.collection = collections.collection
    where lines.role = 'value' and lines.measure_id is not null and lines.family <> 'outcome'

),

cells as (

    select * from {{ ref('int_return_cell') }}

),

summed as (

    select
        lines.first_line_key as line_key,
        count(distinct cells.council_code) as n_councils,
        count(cells.number) as n_numbers,
        min(cells.row_number) as row_number,
        min(cells.column_number) as column_number,
        sum(cells.number) as councils_value
    from cells
    inner join lines on cells.line_key = lines.line_key
    where cells.area_kind = 'council'
    group by lines.first_line_key

),

-- The councils that the release holds at all; another rule asks whether they are all of England's.
grid as (

    select release_id, n_councils from {{ ref('int_release_grid') }}

),

-- England as the release prints it, or else as another release of the year does.
england as (

    select
        lines.line_key,
        printed.number * printed_lines.scale / lines.scale as england_value,
        row_number() over (
            partition by lines.line_key
            order by
                case when printed_lines.release_id = lines.release_id then 0 else 1 end,
                printed_lines.precedence,
                printed_lines.line_key
        ) as rank_of_print
    from lines
    inner join lines as printed_lines
        on lines.financial_year = printed_lines.financial_year and lines.measure_key = printed_lines.measure_key
    inner join cells as printed
        on printed_lines.line_key = printed.line_key and printed.area_kind = 'england' and printed.number is not null
    where lines.is_sum and lines.line_key = lines.first_line_key

),

compared as (

    select
        lines.release_id,
        lines.financial_year,
        lines.line,
        lines.component,
        lines.measure_id,
        summed.row_number,
        summed.column_number,
        grid.n_councils,
        summed.n_numbers,
        -- Voluntary lines need not be sent, and a release of a part of England is no grid.
        case
            when lines.coverage = 'england' and not lines.is_voluntary then grid.n_councils - summed.n_councils
        end as n_absent,
        grid.n_councils - summed.n_numbers as n_missing,
        summed.councils_value,
        england.england_value,
        -- Numbers of people are printed to the nearest five: a hundred and fifty of them may miss their sum by so much.
        case when lines.family in ('activity', 'people') then 2.5 * (summed.n_councils + 1) else 0 end as rounding
    from summed
    inner join lines on summed.line_key = lines.line_key
    inner join grid on lines.release_id = grid.release_id
    left join england on lines.line_key = england.line_key and england.rank_of_print = 1

),

checks as (

    select
        *, -- noqa: AM04
        case
            when england_value > 0
                then {{ ratio('100 * greatest(abs(councils_value - england_value) - rounding, 0)', 'england_value') }}
        end as difference_pct
    from compared

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.release_id,
    checks.financial_year,
    checks.line,
    checks.component,
    checks.measure_id,
    checks.row_number,
    checks.column_number,
    checks.n_councils,
    checks.n_numbers,
    checks.n_absent,
    checks.n_missing,
    checks.councils_value,
    checks.england_value,
    -- Where every council reports. The printed England may include estimates for those that do not.
    case when checks.n_missing = 0 then checks.difference_pct end as england_difference_pct,
    case when checks.n_missing > 0 then checks.difference_pct end as partial_difference_pct,
    releases.file_name,
    {{ no_finding_columns(['figure_id', 'council_code']) }}
from checks
left join releases on checks.release_id = releases.release_id
