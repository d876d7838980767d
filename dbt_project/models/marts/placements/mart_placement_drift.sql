-- The kinds of change add up exactly in int_placement_drift. Here each is shown only if it is of 5 people or more, and
-- starters and leavers are suppressed together: one could be worked out from the other and the two totals.
with

drift as (

    select * from {{ ref('int_placement_drift') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

marked as (

    select
        drift.*,
        {{ gbp_step('drift.largest_change_gbp') }} as rounded_to_gbp,
        sum(case when drift.people < 5 then 1 else 0 end)
            over (partition by drift.pair_id, drift.client_group) as n_small,
        sum(case when drift.people < 5 and drift.change in ('starter', 'leaver') then 1 else 0 end)
            over (partition by drift.pair_id, drift.client_group) as n_small_ends,
        row_number() over (
            partition by
                drift.pair_id, drift.client_group, case when drift.people < 5 then 1 else 0 end,
                case when drift.change in ('starter', 'leaver') then 1 else 0 end
            order by drift.people, drift.change
        ) as rank_of_smallest
    from drift

),

hidden as (

    select
        marked.*,
        marked.people < 5
        or (marked.n_small_ends > 0 and marked.change in ('starter', 'leaver'))
        -- Everyone in the earlier snapshot either left or has one of the other kinds of change, so if one of these is
        -- suppressed, the smallest of the others is too.
        or (
            marked.n_small > 0 and marked.change not in ('starter', 'leaver') and marked.rank_of_smallest = 1
        ) as is_suppressed
    from marked

)

select
    later.council_code,
    later.council,
    earlier.snapshot_date as from_date,
    later.snapshot_date as to_date,
    earlier.snapshot_id as from_snapshot_id,
    later.snapshot_id as to_snapshot_id,
    hidden.client_group,
    hidden.change,
    case when not hidden.is_suppressed then {{ shown_people('hidden.people') }} end as people,
    case
        when hidden.is_suppressed then null
        when hidden.rounded_to_gbp is null then 0
        else {{ shown_gbp('hidden.weekly_change_gbp', 'hidden.rounded_to_gbp') }}
    end as weekly_cost_change_gbp,
    case when not hidden.is_suppressed then hidden.rounded_to_gbp end as rounded_to_gbp,
    hidden.is_suppressed,
    coalesce(earlier.is_synthetic, false) or coalesce(later.is_synthetic, false) as is_synthetic
from hidden
inner join snapshots as earlier on hidden.from_snapshot_id = earlier.snapshot_id
inner join snapshots as later on hidden.to_snapshot_id = later.snapshot_id
