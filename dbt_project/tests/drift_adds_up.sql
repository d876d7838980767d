-- The kinds of change between two snapshots add up to what each of them costs a week.
with

drift as (

    select
        from_snapshot_id,
        to_snapshot_id,
        client_group,
        sum(from_weekly_gbp) as from_weekly_gbp,
        sum(to_weekly_gbp) as to_weekly_gbp
    from {{ ref('int_placement_drift') }}
    group by from_snapshot_id, to_snapshot_id, client_group

),

totals as (

    select snapshot_id, client_group, sum(weekly_gbp) as weekly_gbp
    from {{ ref('int_package_group') }}
    group by snapshot_id, client_group

)

select drift.*
from drift
left join totals as earlier
    on drift.from_snapshot_id = earlier.snapshot_id and drift.client_group = earlier.client_group
left join totals as later
    on drift.to_snapshot_id = later.snapshot_id and drift.client_group = later.client_group
where
    drift.from_weekly_gbp <> coalesce(earlier.weekly_gbp, 0)
    or drift.to_weekly_gbp <> coalesce(later.weekly_gbp, 0)
