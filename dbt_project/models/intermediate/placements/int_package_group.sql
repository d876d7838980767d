-- depends_on: {{ ref('int_snapshot') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_old_snapshots() }}") }}
-- The people of a kind of setting at a snapshot and what they cost, exactly.
with

packages as (

    select * from {{ ref('int_package') }} where {{ is_new_snapshot() }}

)

select
    snapshot_id,
    client_group,
    setting_group,
    cast(count(*) as integer) as people,
    cast(sum(case when weekly_gbp is null then 1 else 0 end) as integer) as uncosted_people,
    cast(coalesce(sum(weekly_gbp), 0) as {{ type_decimal() }}) as weekly_gbp,
    {{ mean('weekly_gbp') }} as mean_weekly_gbp,
    cast(sum(case when is_in_house = 1 then 1 else 0 end) as integer) as in_house_people,
    cast(sum(case when is_out_of_area = 1 then 1 else 0 end) as integer) as out_of_area_people,
    cast(sum(case when has_nhs_share = 1 then 1 else 0 end) as integer) as nhs_people
from packages
group by snapshot_id, client_group, setting_group
