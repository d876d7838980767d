with

tiers as (

    select * from {{ ref('int_move_risk') }}

),

wholes as (

    select * from {{ ref('int_package_group') }} where setting_group = 'Residential and nursing'

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

hidden as (

    select
        cells.*,
        {{ is_hidden('snapshot_id, client_group', 'whole', 'move_risk') }} as is_suppressed
    from (
        select tiers.*, wholes.people as whole
        from tiers
        inner join wholes on tiers.snapshot_id = wholes.snapshot_id and tiers.client_group = wholes.client_group
        where tiers.people > 0
    ) as cells

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    hidden.client_group,
    hidden.move_risk,
    hidden.label,
    hidden.is_judged,
    case when not hidden.is_suppressed then {{ shown_people('hidden.people') }} end as people,
    hidden.share_of_people as assumed_share,
    hidden.because,
    hidden.is_suppressed,
    snapshots.is_synthetic
from hidden
inner join snapshots on hidden.snapshot_id = snapshots.snapshot_id
