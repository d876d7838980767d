-- noqa: disable=LT02,LT05
-- depends_on: {{ ref('int_snapshot') }}
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_old_snapshots() }}{{ ';' if is_incremental() }}{{ forget_changed_snapshots(ref('int_placement_threshold'), 'threshold') }}"
) }}
-- The exact counts and sums behind every opportunity, in one pass over the packages.
{%- set cases = opportunity_cases() %}
with

packages as (

    select * from {{ ref('int_package') }} where {{ is_new_snapshot() }}

),

thresholds as (

    {{ opportunity_thresholds() }}

),

-- If thresholds change, a snapshot is counted again.
held as (

    {{ held_by_snapshot(ref('int_placement_threshold'), 'threshold') }}

),

opportunities as (

    select * from {{ ref('opportunity') }} where opportunity <> 'move_on'

),

joined as (

    {{ packages_with_thresholds('packages', 'thresholds') }}

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
