{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_old_snapshots('from_snapshot_id') }}{{ ';' if is_incremental() }}{{ forget_old_snapshots('to_snapshot_id') }}"
) }}
-- What became of everybody between two snapshots. Every person has one kind of change, so that the kinds add up exactly
-- to the change in people and in pounds.
with

pairs as (

    select *
    from {{ ref('int_snapshot_pair') }}
    {%- if is_incremental() %}
    where pair_id not in (select distinct pair_id from {{ this }})
    {%- endif %}

),

packages as (

    select * from {{ ref('int_package') }}

),

people as (

    select
        snapshot_id,
        person_key,
        client_group,
        min(setting_rank) as setting_rank,
        min(setting_group) as first_group,
        max(setting_group) as last_group,
        min(first_provider) as first_provider,
        max(last_provider) as last_provider,
        sum(weekly_gbp) as weekly_gbp
    from packages
    where
        snapshot_id in (select from_snapshot_id from pairs)
        or snapshot_id in (select to_snapshot_id from pairs)
    group by snapshot_id, person_key, client_group

),

earlier as (

    select pairs.pair_id, people.*
    from pairs
    inner join people on pairs.from_snapshot_id = people.snapshot_id

),

later as (

    select pairs.pair_id, people.*
    from pairs
    inner join people on pairs.to_snapshot_id = people.snapshot_id

),

compared as (

    select
        coalesce(later.pair_id, earlier.pair_id) as pair_id,
        coalesce(later.client_group, earlier.client_group) as client_group,
        case
            when earlier.person_key is null then 'starter'
            when later.person_key is null then 'leaver'
            when
                earlier.setting_rank <> later.setting_rank
                or earlier.first_group <> later.first_group
                or earlier.last_group <> later.last_group
                then 'moved'
            when
                coalesce(earlier.first_provider, '') <> coalesce(later.first_provider, '')
                or coalesce(earlier.last_provider, '') <> coalesce(later.last_provider, '')
                then 'provider_changed'
            when coalesce(earlier.weekly_gbp, 0) <> coalesce(later.weekly_gbp, 0) then 'repriced'
            else 'unchanged'
        end as change,
        earlier.weekly_gbp as from_weekly_gbp,
        later.weekly_gbp as to_weekly_gbp
    from earlier
    full outer join later
        on
            earlier.pair_id = later.pair_id
            and earlier.person_key = later.person_key
            and earlier.client_group = later.client_group

)

select
    compared.pair_id,
    pairs.from_snapshot_id,
    pairs.to_snapshot_id,
    compared.client_group,
    compared.change,
    cast(count(*) as integer) as people,
    cast(coalesce(sum(compared.from_weekly_gbp), 0) as {{ type_decimal() }}) as from_weekly_gbp,
    cast(coalesce(sum(compared.to_weekly_gbp), 0) as {{ type_decimal() }}) as to_weekly_gbp,
    cast(
        coalesce(sum(compared.to_weekly_gbp), 0) - coalesce(sum(compared.from_weekly_gbp), 0) as {{ type_decimal() }}
    ) as weekly_change_gbp,
    cast(
        max(abs(coalesce(compared.to_weekly_gbp, 0) - coalesce(compared.from_weekly_gbp, 0))) as {{ type_decimal() }}
    ) as largest_change_gbp
from compared
inner join pairs on compared.pair_id = pairs.pair_id
group by compared.pair_id, pairs.from_snapshot_id, pairs.to_snapshot_id, compared.client_group, compared.change
