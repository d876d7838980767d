-- How much each council spends per resident on every line, setting and support reason, and England's median of it:
-- before gate A judges it. Totals that no file prints are added up here, because they are judged as the lines are.
with

spend as (

    select * from {{ ref('int_spend') }} where age_band <> 'Under 18'

),

measures as (

    select distinct financial_year, client, age_band, service, quantity, measure_id, definition_version from spend

),

parts as (

    select distinct
        financial_year,
        measure_id,
        definition_version,
        part_measure_id,
        part_definition_version,
        count(*) over (partition by financial_year, measure_id, definition_version) as n_parts
    from spend
    where part_measure_id is not null

),

printed as (

    select
        lines.release_id,
        lines.financial_year,
        lines.measure_id,
        lines.definition_version,
        figures.council_code,
        figures.figure_id,
        figures.value,
        figures.row_number,
        figures.column_number
    from {{ ref('int_figure') }} as figures
    inner join {{ ref('int_line') }} as lines on figures.line_key = lines.line_key
    where figures.is_current and lines.role = 'value' and lines.measure_id is not null

),

-- A total with a line missing is unknown: the line is not zero.
added as (

    select
        max(printed.release_id) as release_id,
        parts.financial_year,
        parts.measure_id,
        parts.definition_version,
        printed.council_code,
        concat(printed.council_code, ':', parts.financial_year, ':', parts.measure_id) as figure_id,
        cast(
            case when count(printed.value) = max(parts.n_parts) then sum(printed.value) end as {{ type_decimal() }}
        ) as value,
        cast(null as integer) as row_number,
        cast(null as integer) as column_number
    from parts
    inner join printed
        on
            parts.financial_year = printed.financial_year
            and parts.part_measure_id = printed.measure_id
            and parts.part_definition_version = printed.definition_version
    group by printed.council_code, parts.financial_year, parts.measure_id, parts.definition_version

),

amounts as (

    select * from printed
    union all
    select * from added

),

spent as (

    select
        measures.*,
        cast(substr(measures.financial_year, 1, 4) as integer) as first_year,
        amounts.release_id,
        amounts.council_code,
        amounts.figure_id,
        amounts.value,
        amounts.row_number,
        amounts.column_number
    from measures
    inner join amounts
        on
            measures.financial_year = amounts.financial_year
            and measures.measure_id = amounts.measure_id
            and measures.definition_version = amounts.definition_version
    where amounts.value is not null

),

population as (

    select
        council_code,
        age_band,
        people,
        cast(substr(financial_year, 1, 4) as integer) as first_year
    from {{ ref('int_population') }}
    where is_current and people > 0

),

-- Residents grow by a per cent a year and spending is judged by factors of three, so the nearest year will do.
nearest as (

    select
        years.council_code,
        years.age_band,
        years.first_year,
        population.people,
        row_number() over (
            partition by years.council_code, years.age_band, years.first_year
            order by abs(years.first_year - population.first_year), population.first_year
        ) as place
    from (select distinct council_code, age_band, first_year from spent) as years
    inner join population on years.council_code = population.council_code and years.age_band = population.age_band

),

heads as (

    select
        spent.*,
        nearest.people as residents,
        {{ ratio('spent.value', 'nearest.people') }} as spend_per_head
    from spent
    inner join nearest
        on
            spent.council_code = nearest.council_code
            and spent.age_band = nearest.age_band
            and spent.first_year = nearest.first_year
    where nearest.place = 1

),

medians as (

    select
        financial_year,
        measure_id,
        definition_version,
        cast(count(*) as integer) as england_n,
        {{ median('spend_per_head') }} as england_median
    from heads
    group by financial_year, measure_id, definition_version

)

select
    heads.*,
    medians.england_n,
    medians.england_median,
    {{ ratio('heads.spend_per_head', 'medians.england_median') }} as peer_ratio,
    {{ rounded('cast(heads.value as double) - cast(medians.england_median as double) * heads.residents') }}
        as excess_gbp
from heads
inner join medians
    on
        heads.financial_year = medians.financial_year
        and heads.measure_id = medians.measure_id
        and heads.definition_version = medians.definition_version
