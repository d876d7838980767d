-- depends_on: {{ ref('int_snapshot') }}
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_old_snapshots() }}") }}
-- Providers of fewer than 5 people are shown together as one; where these are fewer than 5 too, the smallest provider
-- joins them. A person with two of them counts once.
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

providers as (

    select * from {{ ref('int_placement_provider') }}

),

marked as (

    select
        snapshot_id,
        client_group,
        setting_group,
        provider,
        people,
        sum(case when people < 5 then people else 0 end) over (partition by snapshot_id, client_group, setting_group)
            as small_people,
        row_number() over (
            partition by snapshot_id, client_group, setting_group, case when people < 5 then 1 else 0 end
            order by people, provider
        ) as rank_of_provider
    from providers

),

named as (

    select
        snapshot_id,
        client_group,
        setting_group,
        provider,
        case
            when people < 5 or (small_people between 1 and 4 and rank_of_provider = 1) then 'providers of few people'
            else provider
        end as shown_as
    from marked

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
    cast(coalesce(sum(people.weekly_gbp), 0) as {{ type_decimal() }}) as weekly_gbp,
    cast(max(people.weekly_gbp) as {{ type_decimal() }}) as largest_weekly_gbp
from people
inner join counted
    on
        people.snapshot_id = counted.snapshot_id
        and people.client_group = counted.client_group
        and people.setting_group = counted.setting_group
        and people.provider = counted.provider
group by people.snapshot_id, people.client_group, people.setting_group, people.provider
