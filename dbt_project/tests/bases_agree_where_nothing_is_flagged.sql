-- Leaving flagged figures out changes nothing where none is flagged or ruled on.
with

untouched as (

    select series_key
    from {{ ref('cmp_figure') }}
    group by series_key
    having
        count(*) = sum(
            case when cast(value as {{ type_rate() }}) = cast(ruled_value as {{ type_rate() }}) then 1 else 0 end
        )

),

untouched_series as (

    select distinct
        figures.financial_year,
        figures.measure_id,
        figures.definition_version
    from {{ ref('cmp_figure') }} as figures
    inner join untouched on figures.series_key = untouched.series_key

)

select
    statistics.financial_year,
    statistics.measure_id,
    statistics.peer_set,
    statistics.group_name
from {{ ref('mart_group_statistic') }} as statistics
inner join untouched_series
    on
        statistics.financial_year = untouched_series.financial_year
        and statistics.measure_id = untouched_series.measure_id
        and statistics.definition_version = untouched_series.definition_version
group by
    statistics.financial_year, statistics.measure_id, statistics.definition_version, statistics.peer_set,
    statistics.group_name
having
    count(*) <> 2
    or min(statistics.mean) <> max(statistics.mean)
    or min(statistics.median) <> max(statistics.median)
    or min(statistics.q1) <> max(statistics.q1)
    or min(statistics.lowest_quartile_mean) <> max(statistics.lowest_quartile_mean)
