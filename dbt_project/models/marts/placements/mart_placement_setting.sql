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

    {{ parameter('weeks_per_year') }}

),

cells as (

    select snapshot_id, client_group, setting_group, 'All settings' as setting, people, weekly_gbp, mean_weekly_gbp
    from wholes
    union all
    select snapshot_id, client_group, setting_group, setting, people, weekly_gbp, mean_weekly_gbp
    from parts

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    cells.client_group,
    cells.setting_group,
    cells.setting,
    cells.people,
    cast(cells.weekly_gbp * weeks.weeks_per_year as {{ type_decimal() }}) as annual_cost_gbp,
    cells.mean_weekly_gbp,
    cast(null as {{ type_decimal() }}) as rounded_to_gbp,
    false as is_suppressed,
    snapshots.is_synthetic
from cells
inner join snapshots on cells.snapshot_id = snapshots.snapshot_id
cross join weeks
