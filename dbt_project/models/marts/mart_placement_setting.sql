-- The whole of a kind of setting, and each setting in it. People of two community settings count in both.
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

    select number as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

cells as (

    select
        snapshot_id, client_group, setting_group, 'All settings' as setting, people, weekly_gbp, largest_weekly_gbp,
        people < 5 as is_suppressed
    from wholes
    union all
    select
        parts.snapshot_id, parts.client_group, parts.setting_group, parts.setting, parts.people, parts.weekly_gbp,
        parts.largest_weekly_gbp,
        {{ is_hidden('snapshot_id, client_group, setting_group', 'whole', 'setting') }} as is_suppressed
    from (
        select
            parts.*,
            -- Only where nobody is in two of them do the parts add up to the whole, and a hidden part could be found.
            case when parts.setting_group <> 'Community' then wholes.people end as whole
        from parts
        inner join wholes
            on
                parts.snapshot_id = wholes.snapshot_id
                and parts.client_group = wholes.client_group
                and parts.setting_group = wholes.setting_group
    ) as parts

),

stepped as (

    select cells.*, {{ gbp_step('largest_weekly_gbp * weeks.weeks_per_year') }} as rounded_to_gbp, weeks.weeks_per_year
    from cells
    cross join weeks

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    stepped.client_group,
    stepped.setting_group,
    stepped.setting,
    case when not stepped.is_suppressed then {{ shown_people('stepped.people') }} end as people,
    case
        when not stepped.is_suppressed
            then {{ shown_gbp('stepped.weekly_gbp * stepped.weeks_per_year', 'stepped.rounded_to_gbp') }}
    end as annual_cost_gbp,
    case when not stepped.is_suppressed then stepped.rounded_to_gbp end as rounded_to_gbp,
    stepped.is_suppressed,
    snapshots.is_synthetic
from stepped
inner join snapshots on stepped.snapshot_id = snapshots.snapshot_id
