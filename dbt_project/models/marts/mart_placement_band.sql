with

bands as (

    select * from {{ ref('int_package_band') }}

),

wholes as (

    select * from {{ ref('int_package_group') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    select number as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

hidden as (

    select
        bands.*,
        {{ gbp_step('largest_weekly_gbp * weeks_per_year') }} as rounded_to_gbp,
        {{ is_hidden('snapshot_id, client_group, setting_group', 'whole', 'band_order') }} as is_suppressed
    from (
        select bands.*, wholes.people as whole, weeks.weeks_per_year
        from bands
        inner join wholes
            on
                bands.snapshot_id = wholes.snapshot_id
                and bands.client_group = wholes.client_group
                and bands.setting_group = wholes.setting_group
        cross join weeks
    ) as bands

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    hidden.client_group,
    hidden.setting_group as setting,
    hidden.band_order,
    hidden.band,
    hidden.low_gbp,
    hidden.high_gbp,
    case when not hidden.is_suppressed then {{ shown_people('hidden.people') }} end as people,
    -- Uncosted packages have no cost: null, not zero.
    case
        when not hidden.is_suppressed and hidden.low_gbp is not null
            then {{ shown_gbp('hidden.weekly_gbp * hidden.weeks_per_year', 'hidden.rounded_to_gbp') }}
    end as annual_cost_gbp,
    case when not hidden.is_suppressed then hidden.rounded_to_gbp end as rounded_to_gbp,
    hidden.is_suppressed,
    snapshots.is_synthetic
from hidden
inner join snapshots on hidden.snapshot_id = snapshots.snapshot_id
