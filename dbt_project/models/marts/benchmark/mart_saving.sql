-- What would be saved if the council matched a target. A council below a target has headroom, not a negative saving.
with

targets as (

    select * from {{ ref('mart_saving_target') }}

),

{{ saving_amounts() }}

select
    concat(council_code, ':', financial_year, ':', measure_id, figure_id_ending) as figure_id,
    council_code,
    council,
    financial_year,
    measure_id,
    definition_version,
    peer_set,
    peer_set_version,
    target,
    denominator_rule,
    value,
    unit,
    target_value,
    target_because,
    n_peers,
    self_in_lowest_quartile,
    cast(volume as {{ type_rate() }}) as volume,
    volume_unit,
    cast(saving_gbp as {{ type_rate() }}) as saving_gbp,
    cast(saving_low_gbp as {{ type_rate() }}) as saving_low_gbp,
    cast(saving_high_gbp as {{ type_rate() }}) as saving_high_gbp,
    cast({{ ratio('100 * saving_gbp', 'spend') }} as {{ type_rate() }}) as saving_pct,
    cast(case when gap_gbp < 0 and not is_no_target then -gap_gbp else 0 end as {{ type_rate() }}) as headroom_gbp,
    earlier_benchmark_year,
    earlier_target_value,
    cast(earlier_target_saving_gbp as {{ type_rate() }}) as earlier_target_saving_gbp,
    lowest_saving_of_sets_gbp,
    highest_saving_of_sets_gbp,
    case
        when is_no_target then 'none: the target is not above zero, or is the whole'
        when is_its_own_target then 'none: the council is itself in the lowest quartile'
        when is_no_peer_level
            then 'none: the target is below half the median of the peers, or that is not above zero'
        when saves_nothing then 'none: above 75% of the spend, and nothing bears it out'
        when denominator_rule = 'moves'
            then
                concat(
                    'max(0, value - target_value) / ', cast(scale as {{ dbt.type_string() }}),
                    ' * volume / (1 - target_value / ', cast(scale as {{ dbt.type_string() }}), ')'
                )
        when scale = 1 then 'max(0, value - target_value) * volume'
        else concat('max(0, value - target_value) / ', cast(scale as {{ dbt.type_string() }}), ' * volume')
    end as formula,
    not saves_nothing as is_offered,
    case
        when saves_nothing then null
        when saving_gbp > 1000000 and saving_gbp > 0.75 * spend and target <> 'given'
            then concat(
                'borne out: ', return_years, ' within a fifth; the middle half of the peers within a factor of two'
            )
        else 'no rule sets the figure aside, and the target is at the level of the peers'
    end as believed_because,
    total_key
from savings
