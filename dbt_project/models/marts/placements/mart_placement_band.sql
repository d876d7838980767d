with

bands as (

    select * from {{ ref('int_package_band') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    bands.client_group,
    bands.setting_group as setting,
    bands.band_order,
    bands.band,
    bands.low_gbp,
    bands.high_gbp,
    bands.people,
    -- Uncosted packages have no cost: null, not zero.
    case
        when bands.low_gbp is not null
            then cast(bands.weekly_gbp * weeks.weeks_per_year as {{ type_decimal() }})
    end as annual_cost_gbp,
    cast(null as {{ type_decimal() }}) as rounded_to_gbp,
    false as is_suppressed,
    snapshots.is_synthetic
from bands
inner join snapshots on bands.snapshot_id = snapshots.snapshot_id
cross join weeks
