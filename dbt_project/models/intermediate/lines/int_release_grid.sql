-- How much of the expected grid of lines and councils a release prints, and where cells and lines are absent.
with

lines as (

    select * from {{ ref('int_line') }}

),

cells as (

    select line_key, area_kind, council_code, count(*) as n_cells
    from {{ ref('int_return_cell') }}
    group by line_key, area_kind, council_code

),

printed as (

    select
        lines.release_id,
        count(distinct case when cells.area_kind = 'council' then cells.council_code end) as n_councils,
        sum(
            case
                when cells.area_kind = 'council' and lines.role = 'value' and cells.n_cells > 1 then 1
                else 0
            end
        ) as n_not_once,
        -- A line whose words no one knows has no figures: its cells are rejected rows.
        sum(
            case
                when
                    cells.area_kind = 'council' and lines.role = 'value' and lines.measure_id is not null
                    and not lines.is_voluntary
                    then cells.n_cells
                else 0
            end
        ) as n_owed,
        sum(
            case
                when cells.area_kind = 'council' and lines.measure_id is not null and lines.is_voluntary
                    then cells.n_cells
                else 0
            end
        ) as n_voluntary
    from cells
    inner join lines on cells.line_key = lines.line_key
    group by lines.release_id

),

-- Lines of one area that would become the same measure: the money of one would be counted as the other's. A workbook
-- with a sheet per council prints each line once for each of them.
of_area as (

    select
        lines.release_id,
        lines.measure_id,
        cells.area_kind,
        cells.council_code,
        count(*) as n_lines
    from cells
    inner join lines on cells.line_key = lines.line_key
    where lines.role = 'value' and lines.measure_id is not null
    group by lines.release_id, lines.measure_id, cells.area_kind, cells.council_code

),

doubled as (

    select
        release_id,
        sum(n_lines - 1) as n_doubled_lines
    from (
        select
            release_id,
            measure_id,
            max(n_lines) as n_lines
        from of_area
        group by release_id, measure_id
    ) as by_measure
    group by release_id

),

-- A return prints a cell for every line and council, even an empty one; scores are printed only for the councils that
-- have them.
spread as (

    select
        lines.release_id,
        lines.line_key,
        max(lines.line) as line,
        count(distinct cells.council_code) as n_councils
    from cells
    inner join lines on cells.line_key = lines.line_key
    where
        cells.area_kind = 'council' and lines.role = 'value' and not lines.is_voluntary
        and coalesce(lines.family, '') <> 'outcome' and lines.coverage = 'england'
    group by lines.release_id, lines.line_key

),

gaps as (

    select
        spread.release_id,
        sum(printed.n_councils - spread.n_councils) as n_cells_absent,
        {{ ratio('100 * sum(printed.n_councils - spread.n_councils)', 'sum(printed.n_councils)') }} as cells_absent_pct
    from spread
    inner join printed on spread.release_id = printed.release_id
    group by spread.release_id

),

-- The councils that a release holds.
present as (

    select distinct
        lines.release_id,
        cells.council_code
    from cells
    inner join lines on cells.line_key = lines.line_key
    where cells.area_kind = 'council'

),

first_gap as (

    select
        spread.release_id,
        min(concat('council ', present.council_code, ', line ', spread.line)) as first_cell_absent
    from spread
    inner join printed on spread.release_id = printed.release_id and spread.n_councils < printed.n_councils
    inner join present on spread.release_id = present.release_id
    left join cells
        on
            spread.line_key = cells.line_key
            and present.council_code = cells.council_code
            and cells.area_kind = 'council'
    where cells.line_key is null
    group by spread.release_id

),

-- A line with several amounts is there if all of them are.
expected as (

    select
        release_id,
        client,
        age_band,
        service,
        provision,
        min(label) as label,
        min(case when is_printed then 1 else 0 end) as is_printed
    from {{ ref('int_expected_line') }}
    group by release_id, client, age_band, service, provision

),

of_return as (

    select
        release_id,
        count(*) as n_lines_expected,
        sum(is_printed) as n_lines_held,
        min(case when is_printed = 0 then label end) as first_line_absent
    from expected
    group by release_id

)

select
    printed.release_id,
    printed.n_councils,
    printed.n_not_once + coalesce(doubled.n_doubled_lines, 0) as n_not_once,
    printed.n_owed,
    printed.n_voluntary,
    gaps.n_cells_absent,
    gaps.cells_absent_pct,
    first_gap.first_cell_absent,
    of_return.n_lines_expected,
    of_return.n_lines_held,
    of_return.first_line_absent
from printed
left join doubled on printed.release_id = doubled.release_id
left join gaps on printed.release_id = gaps.release_id
left join first_gap on printed.release_id = first_gap.release_id
left join of_return on printed.release_id = of_return.release_id
