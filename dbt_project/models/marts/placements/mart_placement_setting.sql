-- The whole of a kind of setting, and each setting in it; where the whole is suppressed, only the whole has a row: a
-- row for a setting would show that there is at least one person in it, and so narrow down the suppressed number.
-- People of two community settings count in both.
with

wholes as (

    select * from {{ ref('int_package_group') }}

),

parts as (

    select * from {{ ref('int_placement_setting') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

bounds as (

    {{ whole_bounds() }}

),

cells as (

    select
        parts.snapshot_id,
        parts.client_group,
        parts.setting_group,
        parts.setting,
        parts.people,
        {{ fewest_people('parts.people') }} as fewest,
        {{ most_people('parts.people') }} as most,
        bounds.fewest as fewest_in_whole,
        -- Where people can be in two settings, the parts may add up to more than the whole.
        case when parts.setting_group <> 'Community' then bounds.most end as most_in_whole,
        cast(parts.weekly_gbp as double) * weeks.weeks_per_year as gbp,
        {{ gbp_step('parts.largest_weekly_gbp * weeks.weeks_per_year') }} as step,
        bounds.least_gbp as whole_least_gbp,
        bounds.most_gbp as whole_most_gbp,
        -- Settings have no price range, but no one costs more than the dearest package.
        0 as least_gbp,
        cast({{ gbp_step('wholes.largest_weekly_gbp * weeks.weeks_per_year') }} as double) as most_gbp,
        cast(wholes.largest_weekly_gbp as double) * weeks.weeks_per_year as dearest_gbp,
        cast(null as integer) as fewest_priced,
        cast(null as integer) as most_priced
    from parts
    inner join wholes
        on
            parts.snapshot_id = wholes.snapshot_id
            and parts.client_group = wholes.client_group
            and parts.setting_group = wholes.setting_group
    inner join bounds
        on
            parts.snapshot_id = bounds.snapshot_id
            and parts.client_group = bounds.client_group
            and parts.setting_group = bounds.setting_group
    cross join weeks
    where wholes.people >= 5

),

hidden as (

    {{ hide_parts('cells', 'snapshot_id, client_group, setting_group', 'setting', by_cost=true) }}

),

marked as (

    select
        wholes.snapshot_id,
        wholes.client_group,
        wholes.setting_group,
        'All settings' as setting,
        wholes.people,
        cast(wholes.weekly_gbp as double) * weeks.weeks_per_year as gbp,
        {{ gbp_step('wholes.largest_weekly_gbp * weeks.weeks_per_year') }} as step,
        wholes.people < 5 as is_suppressed
    from wholes
    cross join weeks
    union all
    select snapshot_id, client_group, setting_group, setting, people, gbp, step, is_suppressed
    from hidden

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    marked.client_group,
    marked.setting_group,
    marked.setting,
    case when not marked.is_suppressed then {{ shown_people('marked.people') }} end as people,
    case when not marked.is_suppressed then {{ shown_gbp('marked.gbp', 'marked.step') }} end as annual_cost_gbp,
    case when not marked.is_suppressed then marked.step end as rounded_to_gbp,
    marked.is_suppressed,
    snapshots.is_synthetic
from marked
inner join snapshots on marked.snapshot_id = snapshots.snapshot_id
