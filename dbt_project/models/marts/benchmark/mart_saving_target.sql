{%- set targets = ['mean', 'median', 'q1', 'lowest_quartile_mean'] -%}
-- Figures that are not flagged against each target, and what their savings are worked out from.
with

benchmarks as (

    select * from {{ ref('mart_benchmark') }} where basis = 'excluding_flagged' and value is not null

),

volumes as (

    select * from {{ ref('int_saving_volume') }}

),

given as (

    select * from {{ ref('int_target') }}

),

-- From here on joined by numbers, since each figure is joined to every peer set and target.
measured as (

    select
        benchmarks.*,
        {%- for column in [
            'spend', 'volume', 'volume_unit', 'numerator_half_step', 'denominator_half_step', 'scale', 'is_share',
            'lowest_return_ratio', 'highest_return_ratio', 'return_years', 'total_key'
        ] %}
        volumes.{{ column }},
        {%- endfor %}
        cast(dense_rank() over (
            order by benchmarks.council_code, benchmarks.measure_id, benchmarks.definition_version, benchmarks.peer_set
        ) as integer) as series_key,
        cast(substr(benchmarks.financial_year, 1, 4) as integer) as first_year
    from benchmarks
    inner join volumes on benchmarks.figure_id = volumes.figure_id

),

-- Each statistic with the same a year earlier: benchmarks are often a year older than the spend they are compared with.
compared as (
    {%- for target in targets %}

    select
        measured.figure_key,
        measured.series_key,
        measured.first_year,
        '{{ target }}' as target,
        measured.{{ target }} as target_value,
        year_before.{{ target }} as target_value_year_before,
        year_before.financial_year as benchmark_year,
        cast(null as {{ dbt.type_string() }}) as target_because
    from measured
    left join measured as year_before
        on measured.series_key = year_before.series_key and measured.first_year = year_before.first_year + 1
    where measured.{{ target }} is not null
    union all
    {%- endfor %}

    select
        measured.figure_key,
        measured.series_key,
        measured.first_year,
        'given' as target,
        cast(given.target_value as {{ type_rate() }}) as target_value,
        cast(null as {{ type_rate() }}) as target_value_year_before,
        cast(null as {{ dbt.type_string() }}) as benchmark_year,
        given.because as target_because
    from measured
    inner join given
        on
            measured.council_code = given.council_code
            and measured.measure_id = given.measure_id
            and measured.financial_year = given.financial_year

),

rules as (

    select 'held' as denominator_rule
    union all
    select 'moves' as denominator_rule

),

targets as (

    select
        measured.figure_key,
        measured.figure_id,
        measured.council_code,
        measured.council,
        measured.financial_year,
        measured.measure_id,
        measured.definition_version,
        measured.peer_set,
        measured.peer_set_version,
        compared.target,
        rules.denominator_rule,
        measured.value,
        measured.unit,
        compared.target_value,
        compared.target_because,
        compared.target_value_year_before as earlier_target_value,
        compared.benchmark_year as earlier_benchmark_year,
        measured.n_peers,
        measured.self_in_lowest_quartile,
        measured.spend,
        measured.numerator_half_step as spend_half_step,
        measured.volume,
        measured.denominator_half_step as volume_half_step,
        measured.volume_unit,
        measured.scale,
        measured.return_years,
        measured.total_key,
        coalesce(measured.self_in_lowest_quartile, false) and compared.target in ('q1', 'lowest_quartile_mean')
            as is_its_own_target,
        -- Peers with more income than spend can leave a mean at zero or below; nothing is more than its whole.
        compared.target_value <= 0 or (measured.is_share and compared.target_value >= measured.scale) as is_no_target,
        -- Half the peers' own median is not what the peers spend on the same thing; a user's own target is theirs.
        compared.target <> 'given'
        and coalesce(measured.median <= 0 or compared.target_value < 0.5 * measured.median, false) as is_no_peer_level,
        -- What speaks for a figure of more than four times its target: it is no outlier, its peers agree among
        -- themselves, and the returns around it say the same.
        coalesce(
            rules.denominator_rule = 'held'
            and measured.value <= 3 * measured.median
            and measured.q1 > 0 and measured.q3 <= 2 * measured.q1
            and measured.lowest_return_ratio >= 0.8 and measured.highest_return_ratio <= 1.25,
            false
        ) as is_borne_out
    from compared
    inner join measured on compared.series_key = measured.series_key and compared.first_year = measured.first_year
    inner join rules
        on rules.denominator_rule = 'held' or measured.is_share

),

{{ saving_amounts() }},

-- How far the saving depends on the peer set.
sets as (

    select
        figure_key,
        target,
        denominator_rule,
        min(saving_gbp) as lowest_saving_of_sets_gbp,
        max(saving_gbp) as highest_saving_of_sets_gbp
    from savings
    group by figure_key, target, denominator_rule

)

select
    targets.council_code,
    targets.council,
    targets.financial_year,
    targets.measure_id,
    targets.definition_version,
    substr(
        targets.figure_id,
        1 + length(concat(targets.council_code, ':', targets.financial_year, ':', targets.measure_id))
    ) as figure_id_ending,
    targets.peer_set,
    targets.peer_set_version,
    targets.target,
    targets.denominator_rule,
    targets.value,
    targets.unit,
    targets.target_value,
    targets.target_because,
    targets.earlier_target_value,
    targets.earlier_benchmark_year,
    targets.n_peers,
    targets.self_in_lowest_quartile,
    targets.spend,
    targets.spend_half_step,
    targets.volume,
    targets.volume_half_step,
    targets.volume_unit,
    cast(targets.scale as integer) as scale,
    targets.return_years,
    targets.total_key,
    targets.is_its_own_target,
    targets.is_no_target,
    targets.is_no_peer_level,
    targets.is_borne_out,
    cast(sets.lowest_saving_of_sets_gbp as {{ type_rate() }}) as lowest_saving_of_sets_gbp,
    cast(sets.highest_saving_of_sets_gbp as {{ type_rate() }}) as highest_saving_of_sets_gbp
from targets
inner join sets
    on
        targets.figure_key = sets.figure_key
        and targets.target = sets.target
        and targets.denominator_rule = sets.denominator_rule
