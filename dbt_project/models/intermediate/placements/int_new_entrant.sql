-- depends_on: {{ ref('int_snapshot') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_old_snapshots() }}") }}
-- People whose support began in a financial year that the snapshot has seen, by their age then, exactly. Who came and
-- left before the snapshot is not in it.
with

packages as (

    select * from {{ ref('int_package') }} where {{ is_new_snapshot() }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

people as (

    select
        snapshot_id,
        person_key,
        client_group,
        min(start_date) as start_date,
        min(age_at_start) as age_at_start,
        min(setting_rank) as setting_rank
    from packages
    group by snapshot_id, person_key, client_group

),

settings as (

    select * from {{ ref('placement_setting') }}

),

began as (

    select
        people.snapshot_id,
        people.client_group,
        settings.setting_group,
        {{ financial_year_of('people.start_date') }} as financial_year,
        case
            when people.age_at_start < 18 then 'Under 18'
            when people.age_at_start <= 21 then '18 to 21'
            when people.age_at_start <= 39 then '22 to 39'
            when people.age_at_start <= 59 then '40 to 59'
            when people.age_at_start <= 64 then '60 to 64'
            else '65 and over'
        end as age_band
    from people
    inner join snapshots on people.snapshot_id = snapshots.snapshot_id
    inner join settings on people.setting_rank = settings.rank
    -- This financial year and the two before it.
    where people.start_date >= cast({{ dbt.dateadd('month', -33, 'snapshots.snapshot_date') }} as date)

)

select
    snapshot_id,
    client_group,
    setting_group,
    financial_year,
    age_band,
    cast(count(*) as integer) as people
from began
group by snapshot_id, client_group, setting_group, financial_year, age_band
