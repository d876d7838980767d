-- What gate A asks of a release as a whole: are all councils there, once, and is every line known?
with

releases as (

    select * from {{ ref('int_release') }}

),

lines as (

    select * from {{ ref('int_line') }}

),

figures as (

    select * from {{ ref('int_figure') }}

),

grid as (

    select * from {{ ref('int_release_grid') }}

),

spend as (

    select * from {{ ref('int_check_spend') }}

),

councils as (

    select * from {{ ref('int_council_year') }}

),

controls as (

    select * from {{ ref('council_control') }}

),

absences as (

    select
        layout,
        financial_year,
        count(*) as n_absent
    from {{ ref('known_absence') }}
    group by layout, financial_year

),

-- Spending to the pound as the year before is the year before's file.
repeated as (

    select
        release_id,
        {{ ratio('100 * sum(case when value = previous_value then 1 else 0 end)', 'count(*)') }} as repeated_pct,
        count(*) as n_with_year_before
    from spend
    group by release_id

),

-- A line that has its measure and no definition has no unknown word.
unknown as (

    select
        release_id,
        sum(case when measure_id is null then 1 else 0 end) as n_unknown_lines,
        {{ ratio('100 * sum(case when measure_id is null then 1 else 0 end)', 'count(*)') }} as unknown_lines_pct,
        min(
            case
                when measure_id is null
                    then concat(
                        line, case when unknown_terms <> '' then concat(' (unknown:', unknown_terms, ')') else '' end
                    )
            end
        ) as first_unknown_line,
        sum(case when measure_id is not null and definition_version is null then 1 else 0 end) as n_without_definition,
        min(case when measure_id is not null and definition_version is null then line end) as first_without_definition
    from lines
    where role = 'value'
    group by release_id

),

by_line_and_council as (

    select
        line_key,
        council_code,
        count(*) as n_figures,
        count(value) as n_values
    from figures
    group by line_key, council_code

),

derived as (

    select
        lines.release_id,
        sum(by_line_and_council.n_figures) as n_figures,
        sum(by_line_and_council.n_values) as n_values,
        sum(case when lines.is_voluntary then by_line_and_council.n_figures else 0 end) as n_voluntary_figures,
        sum(case when councils.council is null then by_line_and_council.n_figures else 0 end)
            as n_figures_without_council
    from by_line_and_council
    inner join lines on by_line_and_council.line_key = lines.line_key
    left join councils
        on
            by_line_and_council.council_code = councils.council_code
            and lines.financial_year = councils.financial_year
    group by lines.release_id

)

select
    releases.release_id,
    releases.collection,
    releases.financial_year,
    releases.coverage,
    releases.status as release_status,
    releases.file_name,
    coalesce(grid.n_councils, 0) as n_councils,
    case
        when releases.coverage = 'england' then controls.n_councils - coalesce(absences.n_absent, 0)
    end as expected_councils,
    case
        when releases.coverage = 'england'
            then coalesce(grid.n_councils, 0) - controls.n_councils + coalesce(absences.n_absent, 0)
    end as councils_difference,
    coalesce(grid.n_not_once, 0) as n_not_once,
    coalesce(unknown.n_unknown_lines, 0) as n_lines_without_measure,
    coalesce(unknown.unknown_lines_pct, 0) as unknown_lines_pct,
    unknown.first_unknown_line,
    coalesce(unknown.n_without_definition, 0) as n_lines_without_definition,
    unknown.first_without_definition,
    coalesce(derived.n_figures_without_council, 0) as n_figures_without_council,
    -- A voluntary line counts where the council sent it.
    coalesce(grid.n_owed, 0) + coalesce(derived.n_voluntary_figures, 0) as n_lines_printed,
    coalesce(grid.n_voluntary, 0) - coalesce(derived.n_voluntary_figures, 0) as n_voluntary_not_sent,
    coalesce(derived.n_figures, 0) as n_figures,
    coalesce(derived.n_values, 0) as n_values,
    case when releases.status = 'provisional' then 1 else 0 end as is_provisional,
    grid.n_cells_absent,
    grid.cells_absent_pct,
    grid.first_cell_absent,
    grid.n_lines_expected,
    grid.n_lines_held,
    grid.n_lines_expected - grid.n_lines_held as n_lines_absent,
    grid.first_line_absent,
    repeated.n_with_year_before,
    repeated.repeated_pct,
    {{ no_finding_columns(['council_code', 'measure_id', 'figure_id', 'row_number', 'column_number']) }}
from releases
left join grid on releases.release_id = grid.release_id
left join repeated on releases.release_id = repeated.release_id
left join unknown on releases.release_id = unknown.release_id
left join derived on releases.release_id = derived.release_id
left join controls on releases.financial_year between controls.from_year and controls.to_year
left join absences on releases.layout = absences.layout and releases.financial_year = absences.financial_year
