-- depends_on: {{ ref('int_snapshot') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_old_snapshots() }}") }}
-- The people each provider supports in a kind of setting at a snapshot and what that costs, exactly.
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
        coalesce(provider, 'not recorded') as provider,
        person_key,
        sum(case when is_costed then gross_weekly_gbp end) as weekly_gbp
    from lines
    group by snapshot_id, client_group, setting_group, coalesce(provider, 'not recorded'), person_key

)

select
    snapshot_id,
    client_group,
    setting_group,
    provider,
    cast(count(*) as integer) as people,
    cast(sum(weekly_gbp) as {{ type_decimal() }}) as weekly_gbp,
    cast(max(weekly_gbp) as {{ type_decimal() }}) as largest_weekly_gbp
from people
group by snapshot_id, client_group, setting_group, provider
