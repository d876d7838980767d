-- Judged tiers are counts of people, and small ones are suppressed; where the whole is suppressed they have no rows.
-- Assumed tiers are shares of the shown whole and disclose no more than it does.
with

tiers as (

    select * from {{ ref('int_move_risk') }}

),

wholes as (

    select * from {{ ref('int_package_group') }} where setting_group = 'Residential and nursing' and people >= 5

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

bounds as (

    {{ whole_bounds() }}

),

cells as (

    select
        tiers.snapshot_id,
        tiers.client_group,
        tiers.move_risk,
        tiers.label,
        tiers.is_judged,
        tiers.share_of_people,
        tiers.because,
        case
            when tiers.is_judged then tiers.people
            else cast(round({{ shown_people('wholes.people') }} * tiers.share_of_people) as integer)
        end as people,
        -- Residents whose risk was not judged are in no tier.
        case
            when
                tiers.is_judged
                and wholes.people = sum(tiers.people) over (partition by tiers.snapshot_id, tiers.client_group)
                then bounds.fewest
        end as fewest_in_whole,
        case when tiers.is_judged then bounds.most end as most_in_whole
    from tiers
    inner join wholes on tiers.snapshot_id = wholes.snapshot_id and tiers.client_group = wholes.client_group
    inner join bounds
        on
            wholes.snapshot_id = bounds.snapshot_id
            and wholes.client_group = bounds.client_group
            and wholes.setting_group = bounds.setting_group

),

present as (

    select cells.*, {{ fewest_people('cells.people') }} as fewest, {{ most_people('cells.people') }} as most
    from cells
    where cells.people > 0

),

hidden as (

    {{ hide_parts('present', 'snapshot_id, client_group', 'move_risk') }}

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
