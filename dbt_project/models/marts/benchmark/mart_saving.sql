{%- set targets = ['mean', 'median', 'q1', 'lowest_quartile_mean'] -%}
-- What would be saved if the council matched a target, from figures that are not flagged (basis excluding_flagged). A
-- council below a target has headroom, not a negative saving.
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
        volumes.spend,
        volumes.volume,
        volumes.volume_unit,
        volumes.numerator_half_step,
        volumes.denominator_half_step,
        volumes.scale,
        volumes.is_share,
        volumes.lowest_return_ratio,
        volumes.highest_return_ratio,
        volumes.return_years,
        volumes.total_key,
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

-- With the total held, money saved is spent on something else and the share's denominator stays; where it moves, the
-- total falls by the saving too: s = (spend - t x total) / (1 - t).
ruled as (

    select
        compared.*,
        measured.value,
        measured.self_in_lowest_quartile,
        measured.spend,
        measured.volume,
        measured.scale,
        measured.return_years,
        -- Half the peers' own median is not what the peers spend on the same thing; a target of the user's own is
        -- theirs.
        compared.target <> 'given'
        and (measured.median <= 0 or compared.target_value < 0.5 * measured.median) as is_no_peer_level,
        -- What speaks for a figure of more than four times its target: it is no outlier, its peers agree among
        -- themselves, and the returns around it say the same.
        coalesce(
            rules.denominator_rule = 'held'
            and measured.value <= 3 * measured.median
            and measured.q1 > 0 and measured.q3 <= 2 * measured.q1
            and measured.lowest_return_ratio >= 0.8 and measured.highest_return_ratio <= 1.25,
            false
        ) as is_borne_out,
        {%- for name, column in {
            'target': 'compared.target_value',
            'target_before': 'compared.target_value_year_before', 'spend': 'measured.spend',
            'spend_step': 'measured.numerator_half_step', 'volume': 'measured.volume',
            'volume_step': 'measured.denominator_half_step'
        }.items() %}
        cast({{ column }} as double) as as_{{ name }},
        {%- endfor %}
        rules.denominator_rule,
        case rules.denominator_rule
            when 'moves' then nullif(1 - cast(compared.target_value as double) / measured.scale, 0)
            else 1
        end as divisor,
        case rules.denominator_rule
            when 'moves' then nullif(1 - cast(compared.target_value_year_before as double) / measured.scale, 0)
            else 1
        end as divisor_year_before,
        coalesce(measured.self_in_lowest_quartile, false) and compared.target in ('q1', 'lowest_quartile_mean')
            as is_its_own_target,
        -- Peers with more income than spend can leave a mean at zero or below, and nothing is more than the whole of
        -- it.
        compared.target_value <= 0 or (measured.is_share and compared.target_value >= measured.scale) as is_no_target
    from compared
    inner join measured on compared.series_key = measured.series_key and compared.first_year = measured.first_year
    inner join rules
        on rules.denominator_rule = 'held' or measured.is_share

),

amounts as (

    select
        ruled.*,
        -- In doubles throughout: engines multiply and divide decimals to different places.
        {{ rounded('(as_spend - as_target * as_volume / scale) / divisor') }} as gap_gbp,
        {{ rounded('(as_spend - as_spend_step - as_target * (as_volume + as_volume_step) / scale) / divisor') }}
            as gap_low_gbp,
        {{ rounded('(as_spend + as_spend_step - as_target * (as_volume - as_volume_step) / scale) / divisor') }}
            as gap_high_gbp,
        {{ rounded('(as_spend - as_target_before * as_volume / scale) / divisor_year_before') }} as gap_year_before_gbp
    from ruled

),

floored as (

    select
        amounts.*,
        amounts.is_its_own_target or amounts.is_no_target or coalesce(amounts.is_no_peer_level, false)
        or (
            amounts.target <> 'given' and not amounts.is_borne_out
            and amounts.gap_gbp > 1000000 and amounts.gap_gbp > 0.75 * amounts.spend
        ) as saves_nothing,
        case when amounts.gap_gbp > 0 then amounts.gap_gbp else 0 end as above_gbp,
        case when amounts.gap_low_gbp > 0 then amounts.gap_low_gbp else 0 end as above_low_gbp,
        case when amounts.gap_high_gbp > 0 then amounts.gap_high_gbp else 0 end as above_high_gbp,
        case
            when amounts.gap_year_before_gbp > 0 then amounts.gap_year_before_gbp
            when amounts.gap_year_before_gbp <= 0 then 0
        end as above_year_before_gbp
    from amounts

),

-- A unit cost is printed more finely than its parts now and then, and may be a penny outside the range they allow.
savings as (

    select
        floored.*,
        case when floored.saves_nothing then 0 else cast(floored.above_gbp as {{ type_rate() }}) end as saving_gbp,
        case
            when floored.saves_nothing then 0
            when floored.above_low_gbp < floored.above_gbp then cast(floored.above_low_gbp as {{ type_rate() }})
            else cast(floored.above_gbp as {{ type_rate() }})
        end as saving_low_gbp,
        case
            when floored.saves_nothing then 0
            when floored.above_high_gbp > floored.above_gbp then cast(floored.above_high_gbp as {{ type_rate() }})
            else cast(floored.above_gbp as {{ type_rate() }})
        end as saving_high_gbp,
        case
            when floored.above_year_before_gbp is null then null
            when floored.saves_nothing then 0
            else cast(floored.above_year_before_gbp as {{ type_rate() }})
        end as saving_year_before_gbp
    from floored

),

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
    measured.figure_id,
    measured.council_code,
    measured.council,
    measured.financial_year,
    measured.measure_id,
    measured.definition_version,
    measured.peer_set,
    measured.peer_set_version,
    savings.target,
    savings.denominator_rule,
    savings.value,
    measured.unit,
    savings.target_value,
    savings.target_because,
    measured.n_peers,
    measured.self_in_lowest_quartile,
    cast(savings.volume as {{ type_rate() }}) as volume,
    measured.volume_unit,
    cast(savings.saving_gbp as {{ type_rate() }}) as saving_gbp,
    cast(savings.saving_low_gbp as {{ type_rate() }}) as saving_low_gbp,
    cast(savings.saving_high_gbp as {{ type_rate() }}) as saving_high_gbp,
    cast({{ ratio('100 * savings.saving_gbp', 'savings.spend') }} as {{ type_rate() }}) as saving_pct,
    cast(
        case when savings.gap_gbp < 0 and not savings.is_no_target then -savings.gap_gbp else 0 end as {{ type_rate() }}
    ) as headroom_gbp,
    savings.benchmark_year as earlier_benchmark_year,
    savings.target_value_year_before as earlier_target_value,
    cast(savings.saving_year_before_gbp as {{ type_rate() }}) as earlier_target_saving_gbp,
    cast(sets.lowest_saving_of_sets_gbp as {{ type_rate() }}) as lowest_saving_of_sets_gbp,
    cast(sets.highest_saving_of_sets_gbp as {{ type_rate() }}) as highest_saving_of_sets_gbp,
    case
        when savings.is_no_target then 'none: the target is not above zero, or is the whole'
        when savings.is_its_own_target then 'none: the council is itself in the lowest quartile'
        when savings.is_no_peer_level
            then 'none: the target is below half the median of the peers, or that is not above zero'
        when savings.saves_nothing then 'none: above 75% of the spend, and nothing bears it out'
        when savings.denominator_rule = 'moves'
            then
                concat(
                    'max(0, value - target_value) / ', cast(savings.scale as {{ dbt.type_string() }}),
                    ' * volume / (1 - target_value / ', cast(savings.scale as {{ dbt.type_string() }}), ')'
                )
        when savings.scale = 1 then 'max(0, value - target_value) * volume'
        else concat('max(0, value - target_value) / ', cast(savings.scale as {{ dbt.type_string() }}), ' * volume')
    end as formula,
    not savings.saves_nothing as is_offered,
    case
        when savings.saves_nothing then null
        when savings.saving_gbp > 1000000 and savings.saving_gbp > 0.75 * savings.spend and savings.target <> 'given'
            then concat(
                'borne out: ',
                savings.return_years,
                ' within a fifth; the middle half of the peers within a factor of two'
            )
        else 'no rule doubts the figure, and the target is at the level of the peers'
    end as believed_because,
    measured.total_key
from savings
inner join measured on savings.series_key = measured.series_key and savings.first_year = measured.first_year
inner join sets
    on
        savings.figure_key = sets.figure_key
        and savings.target = sets.target
        and savings.denominator_rule = sets.denominator_rule
