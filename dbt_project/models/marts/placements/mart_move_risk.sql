with

tiers as (

    select * from {{ ref('int_move_risk') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    tiers.client_group,
    tiers.move_risk,
    tiers.label,
    tiers.is_judged,
    tiers.people,
    tiers.share_of_people as assumed_share,
    tiers.because,
    false as is_suppressed,
    snapshots.is_synthetic
from tiers
inner join snapshots on tiers.snapshot_id = snapshots.snapshot_id
where tiers.people > 0
