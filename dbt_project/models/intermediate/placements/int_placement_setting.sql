-- depends_on: {{ ref('int_snapshot') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_old_snapshots() }}") }}
-- The people of each setting at a snapshot and what its lines cost, exactly.
with

lines as (

    select *
    from {{ ref('int_placement_line') }}
    where rejected_by is null and is_current and {{ is_new_snapshot() }}

),

people as (

    select
        snapshot_id,
        client_group,
        setting_group,
        setting_label as setting,
        person_key,
        sum(case when is_costed then gross_weekly_gbp end) as weekly_gbp
    from lines
    group by snapshot_id, client_group, setting_group, setting_label, person_key

)

select
    snapshot_id,
    client_group,
    setting_group,
    setting,
    cast(count(*) as integer) as people,
    cast(coalesce(sum(weekly_gbp), 0) as {{ type_decimal() }}) as weekly_gbp,
    {{ mean('weekly_gbp') }} as mean_weekly_gbp
from people
group by snapshot_id, client_group, setting_group, setting
