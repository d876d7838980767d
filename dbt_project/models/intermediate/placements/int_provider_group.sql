-- depends_on: {{ ref('int_snapshot') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_old_snapshots() }}") }}
-- A provider of one or two people may be a person (an assistant, a relative), so those of fewer than 5 have no name
-- here and are taken together. A person with two of them counts once.
with

lines as (

    select
        snapshot_id,
        client_group,
        setting_group,
        coalesce(provider, 'not recorded') as provider,
        person_key,
        case when is_costed then gross_weekly_gbp end as weekly_gbp
    from {{ ref('int_placement_line') }}
    where rejected_by is null and is_current and {{ is_new_snapshot() }}

),

named as (

    select
        snapshot_id,
        client_group,
        setting_group,
        provider,
        case when count(distinct person_key) < 5 then 'providers of few people' else provider end as shown_as
    from lines
    group by snapshot_id, client_group, setting_group, provider

),

people as (

    select
        lines.snapshot_id,
        lines.client_group,
        lines.setting_group,
        named.shown_as as provider,
        lines.person_key,
        sum(lines.weekly_gbp) as weekly_gbp
    from lines
    inner join named
        on
            lines.snapshot_id = named.snapshot_id
            and lines.client_group = named.client_group
            and lines.setting_group = named.setting_group
            and lines.provider = named.provider
    group by lines.snapshot_id, lines.client_group, lines.setting_group, named.shown_as, lines.person_key

),

counted as (

    select snapshot_id, client_group, setting_group, shown_as as provider, count(*) as n_providers
    from named
    group by snapshot_id, client_group, setting_group, shown_as

)

select
    people.snapshot_id,
    people.client_group,
    people.setting_group,
    people.provider,
    cast(max(counted.n_providers) as integer) as n_providers,
    cast(count(*) as integer) as people,
    cast(count(people.weekly_gbp) as integer) as priced_people,
    cast(coalesce(sum(people.weekly_gbp), 0) as {{ type_decimal() }}) as weekly_gbp
from people
inner join counted
    on
        people.snapshot_id = counted.snapshot_id
        and people.client_group = counted.client_group
        and people.setting_group = counted.setting_group
        and people.provider = counted.provider
group by people.snapshot_id, people.client_group, people.setting_group, people.provider
