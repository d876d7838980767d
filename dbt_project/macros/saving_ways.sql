{#- The CTEs `figures` to `ways`: the saving of each figure of a CTE `headlines` (measure_id) in every way of one year: by peer
    set, basis of the peers' statistics, target and rule for the total of a share. As mart_saving offers a saving, or none;
    but for targets of one's own, and without the rounding of its inputs. -#}
{% macro saving_ways() %}
figures as (

    select * from {{ ref('cmp_figure') }}

),

statistics as (

    select * from {{ ref('mart_peer_statistic') }} where ruled_value is not null and n_peers >= fewest_peers

),

volumes as (

    select * from {{ ref('int_saving_volume') }}

),

measured as (

    select
        figures.figure_key,
        figures.figure_id,
        figures.council_code,
        figures.council,
        figures.financial_year,
        cast(substr(figures.financial_year, 1, 4) as integer) as first_year,
        figures.measure_id,
        figures.definition_version,
        figures.verdict,
        cast(figures.ruled_value as {{ type_rate() }}) as value,
        volumes.spend,
        volumes.volume,
        volumes.scale,
        volumes.is_share,
        coalesce(volumes.lowest_return_ratio >= 0.8 and volumes.highest_return_ratio <= 1.25, false) as is_repeated
    from figures
    inner join headlines on figures.measure_id = headlines.measure_id
    inner join volumes on figures.figure_id = volumes.figure_id

),

bases as (

    select 'as_returned' as basis
    union all
    select 'excluding_flagged' as basis

),

targets as (
    {%- for target in ['mean', 'median', 'q1', 'lowest_quartile_mean'] %}

    select
        statistics.figure_key,
        statistics.peer_set,
        bases.basis,
        '{{ target }}' as target,
        statistics.{{ target }} as target_value,
        statistics.median as peer_median,
        statistics.q1 as peer_q1,
        statistics.q3 as peer_q3,
        {% if target in ('q1', 'lowest_quartile_mean') -%}
        {{ quartile_band('statistics.rank_low', '(statistics.n_peers + 1)') }} = 1 as is_its_own_target
        {%- else -%}
        false as is_its_own_target
        {%- endif %}
    from statistics
    inner join bases on statistics.basis in ('both', bases.basis)
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

denominators as (

    select 'held' as denominator_rule
    union all
    select 'moves' as denominator_rule

),

gaps as (

    select
        measured.figure_key,
        measured.council_code,
        measured.measure_id,
        measured.definition_version,
        measured.first_year,
        targets.peer_set,
        targets.basis,
        targets.target,
        denominators.denominator_rule,
        measured.spend,
        cast({{ saving_gap('spend', 'target_value', 'volume') }} as double) as gap_gbp,
        targets.is_its_own_target
        or targets.target_value <= 0
        or (measured.is_share and targets.target_value >= measured.scale)
        or targets.peer_median <= 0
        or targets.target_value < 0.5 * targets.peer_median as is_no_target,
        denominators.denominator_rule = 'held' and measured.is_repeated and measured.value <= 3 * targets.peer_median
        and targets.peer_q1 > 0 and targets.peer_q3 <= 2 * targets.peer_q1 as is_borne_out
    from measured
    inner join targets on measured.figure_key = targets.figure_key
    inner join denominators on measured.is_share or denominators.denominator_rule = 'held'

),

-- As mart_saving offers a saving, or none.
ways as (

    select
        gaps.*,
        case
            when gap_gbp <= 0 or is_no_target then 0
            when gap_gbp > 1000000 and gap_gbp > 0.75 * spend and not is_borne_out then 0
            else gap_gbp
        end as saving_gbp
    from gaps

)
{%- endmacro %}
