-- What gate A asks of a score, a share or a count: is it possible in its unit, and how far is it from the other
-- councils?
with

lines as (

    select line_key, release_id, financial_year, coverage, measure_id, definition_version, measure_key, family
    from {{ ref('int_line') }}
    where role = 'value' and family in ('activity', 'people', 'outcome', 'deferred_payment') and measure_id is not null

),

figures as (

    select * from {{ ref('int_figure') }} where value is not null

),

measures as (

    select
        measure_key,
        unit,
        case
            when unit = 'per cent' then 100
            when unit like 'score out of %' then try_cast(replace(unit, 'score out of ', '') as integer)
        end as largest_possible
    from {{ ref('int_measure') }}

),

adults as (

    select council_code, financial_year, people
    from {{ ref('int_population') }}
    where is_current and age_band = '18 and over'

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

),

measured as (

    select
        figures.figure_id,
        lines.release_id,
        lines.financial_year,
        lines.coverage,
        figures.council_code,
        lines.measure_id,
        lines.definition_version,
        figures.row_number,
        figures.column_number,
        figures.value,
        measures.unit,
        greatest(-figures.value, figures.value - coalesce(measures.largest_possible, figures.value), 0)
            as outside_possible,
        measures.largest_possible,
        -- Scores and rates compare as they are, counts by the adults of the council.
        case
            when lines.family = 'outcome' then cast(figures.value as double)
            else cast(figures.value as double) / nullif(adults.people, 0)
        end as comparable
    from figures
    inner join lines on figures.line_key = lines.line_key
    inner join measures on lines.measure_key = measures.measure_key
    left join adults
        on figures.council_code = adults.council_code and lines.financial_year = adults.financial_year

),

england as (

    select
        release_id,
        measure_id,
        definition_version,
        count(*) as n_councils,
        percentile_cont(0.5) within group (order by case when comparable > 0 then comparable end) as median_comparable
    from measured
    where coverage = 'england' and comparable is not null
    group by release_id, measure_id, definition_version

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    measured.figure_id,
    measured.release_id,
    releases.file_name,
    measured.financial_year,
    measured.council_code,
    measured.measure_id,
    measured.row_number,
    measured.column_number,
    measured.value,
    measured.unit,
    measured.outside_possible,
    england.n_councils as england_n,
    case
        when measured.comparable > 0 and england.n_councils >= parameters.fewest_peers
            then {{ ratio('measured.comparable', 'england.median_comparable') }}
    end as peer_ratio,
    coalesce(
        measured.outside_possible > 0 or measured.largest_possible is not null
        or (
            measured.comparable is not null and england.median_comparable is not null
            and england.n_councils >= parameters.fewest_peers
        ),
        false
    ) as is_judged
from measured
cross join parameters
left join england
    on
        measured.release_id = england.release_id
        and measured.measure_id = england.measure_id
        and measured.definition_version = england.definition_version
left join releases on measured.release_id = releases.release_id
