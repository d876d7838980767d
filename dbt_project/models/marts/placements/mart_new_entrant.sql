with

entrants as (

    select * from {{ ref('int_new_entrant') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

cells as (

    select snapshot_id, client_group, setting_group, financial_year, 'All ages' as age_band, sum(people) as people
    from entrants
    group by snapshot_id, client_group, setting_group, financial_year
    union all
    select snapshot_id, client_group, setting_group, financial_year, age_band, people
    from entrants

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    cells.client_group,
    cells.financial_year,
    cells.setting_group as setting,
    cells.age_band,
    cast(cells.people as integer) as people,
    false as is_suppressed,
    snapshots.is_synthetic
from cells
inner join snapshots on cells.snapshot_id = snapshots.snapshot_id
