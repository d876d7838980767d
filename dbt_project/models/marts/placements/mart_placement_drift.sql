with

drift as (

    select * from {{ ref('int_placement_drift') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

)

select
    later.council_code,
    later.council,
    earlier.snapshot_date as from_date,
    later.snapshot_date as to_date,
    earlier.snapshot_id as from_snapshot_id,
    later.snapshot_id as to_snapshot_id,
    drift.client_group,
    drift.change,
    drift.people,
    drift.weekly_change_gbp as weekly_cost_change_gbp,
    cast(null as {{ type_decimal() }}) as rounded_to_gbp,
    false as is_suppressed,
    coalesce(earlier.is_synthetic, false) or coalesce(later.is_synthetic, false) as is_synthetic
from drift
inner join snapshots as earlier on drift.from_snapshot_id = earlier.snapshot_id
inner join snapshots as later on drift.to_snapshot_id = later.snapshot_id
