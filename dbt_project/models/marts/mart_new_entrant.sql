with

entrants as (

    select * from {{ ref('int_new_entrant') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

wholes as (

    select snapshot_id, client_group, setting_group, financial_year, sum(people) as people
    from entrants
    group by snapshot_id, client_group, setting_group, financial_year

),

cells as (

    select
        snapshot_id, client_group, setting_group, financial_year, 'All ages' as age_band,
        cast(people as integer) as people, people < 5 as is_suppressed
    from wholes
    union all
    select
        snapshot_id, client_group, setting_group, financial_year, age_band, people,
        {{ is_hidden('snapshot_id, client_group, setting_group, financial_year', 'whole', 'age_band') }} as is_suppressed
    from (
        select entrants.*, wholes.people as whole
        from entrants
        inner join wholes
            on
                entrants.snapshot_id = wholes.snapshot_id
                and entrants.client_group = wholes.client_group
                and entrants.setting_group = wholes.setting_group
                and entrants.financial_year = wholes.financial_year
    ) as parts

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
    case when not cells.is_suppressed then {{ shown_people('cells.people') }} end as people,
    cells.is_suppressed,
    snapshots.is_synthetic
from cells
inner join snapshots on cells.snapshot_id = snapshots.snapshot_id
