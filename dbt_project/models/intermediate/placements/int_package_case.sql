-- noqa: disable=LT02,LT05
-- depends_on: {{ ref('int_snapshot') }}
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_old_snapshots() }}{{ ';' if is_incremental() }}{{ forget_changed_snapshots(ref('int_placement_threshold'), 'threshold') }}"
) }}
-- The exact counts and sums behind every opportunity, in one pass over the packages.
{%- set cases = {
    'high_cost': ("setting_group = 'Residential and nursing' and weekly_gbp >= high_cost_from", 'weekly_gbp'),
    'high_cost_community': ("setting_group = 'Community' and weekly_gbp >= high_cost_from", 'weekly_gbp'),
    'low_cost': ("setting_group = 'Community' and weekly_gbp < low_cost_below", 'weekly_gbp'),
    'low_cost_with_uncosted': (
        "setting_group = 'Community' and (weekly_gbp < low_cost_below or weekly_gbp is null)",
        'coalesce(weekly_gbp, uncosted_weekly)'
    ),
    'step_down': (
        "setting_group = 'Residential and nursing' and weekly_gbp >= step_down_from and weekly_gbp < step_down_below",
        'weekly_gbp'
    ),
    'sleep_in': ('has_sleep_in = 1', 'sleep_in_weekly_gbp'),
    'waking_night': ('has_waking_night = 1', 'waking_night_weekly_gbp'),
    'transport': ('journeys_weekly > 0', 'transport_weekly_gbp'),
    'assistive_technology': (
        'has_assistive_technology = 0 and (has_sleep_in = 1 or has_waking_night = 1)',
        'coalesce(sleep_in_weekly_gbp, 0) + coalesce(waking_night_weekly_gbp, 0)'
    ),
    'nhs_share': (
        "setting_group = 'Residential and nursing' and weekly_gbp >= high_cost_from"
        ~ " and coalesce(nhs_share_weekly_gbp, 0) = 0",
        'weekly_gbp'
    ),
    'older_in_specialist': (
        "setting_group = 'Residential and nursing' and client_group <> 'Older people' and age >= older_from_age",
        'weekly_gbp'
    ),
    'out_of_area': ("setting_group = 'Residential and nursing' and is_out_of_area = 1", 'weekly_gbp'),
    'interim_drift': ('interim_since < interim_before', 'weekly_gbp'),
    'overdue_review': ('coalesce(last_review_date, start_date) < review_due', 'weekly_gbp'),
} %}
with

packages as (

    select * from {{ ref('int_package') }} where {{ is_new_snapshot() }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

thresholds as (

    select
        thresholds.*,
        cast({{ dbt.dateadd('day', 'cast(-7 * thresholds.interim_weeks as integer)', 'snapshots.snapshot_date') }} as date)
            as interim_before,
        cast({{ dbt.dateadd('month', 'cast(-thresholds.review_months as integer)', 'snapshots.snapshot_date') }} as date)
            as review_due
    from {{ ref('int_placement_threshold') }} as thresholds
    inner join snapshots on thresholds.snapshot_id = snapshots.snapshot_id

),

-- If thresholds change, a snapshot is counted again.
held as (

    {{ held_by_snapshot(ref('int_placement_threshold'), 'threshold') }}

),

opportunities as (

    select * from {{ ref('opportunity') }} where opportunity <> 'move_on'

),

joined as (

    select
        packages.*,
        thresholds.high_cost_from,
        thresholds.low_cost_below,
        thresholds.uncosted_weekly,
        thresholds.step_down_from,
        thresholds.step_down_below,
        thresholds.older_from_age,
        thresholds.interim_before,
        thresholds.review_due
    from packages
    inner join thresholds
        on packages.snapshot_id = thresholds.snapshot_id and packages.client_group = thresholds.client_group

),

counted as (

    select
        snapshot_id,
        client_group
        {%- for name, (condition, money) in cases.items() %},
        {#- A person may have packages of two kinds of setting, and counts once. #}
        {%- if 'setting_group' in condition %}
        sum(case when {{ condition }} then 1 else 0 end) as people_{{ name }},
        {%- else %}
        count(distinct case when {{ condition }} then person_key end) as people_{{ name }},
        {%- endif %}
        sum(case when {{ condition }} then {{ money }} end) as weekly_{{ name }},
        {{ mean('case when ' ~ condition ~ ' then ' ~ money ~ ' end') }} as mean_{{ name }}
    {%- endfor %},
        sum(case when journeys_weekly > 0 then journeys_weekly end) as journeys_transport
    from joined
    group by snapshot_id, client_group

)

select
    counted.snapshot_id,
    counted.client_group,
    opportunities.opportunity,
    {%- for kind, column in [('people', 'people'), ('weekly', 'weekly_gbp'), ('mean', 'mean_weekly_gbp')] %}
    cast(
        case opportunities.opportunity
            {%- for name in cases %}
            when '{{ name }}' then counted.{{ kind }}_{{ name }}
            {%- endfor %}
        end as {{ 'integer' if kind == 'people' else type_decimal() }}
    ) as {{ column }},
    {%- endfor %}
    cast(
        case opportunities.opportunity when 'transport' then counted.journeys_transport end as {{ type_decimal() }}
    ) as journeys_weekly,
    held.held_md5
from counted
inner join held on counted.snapshot_id = held.snapshot_id
cross join opportunities
