-- depends_on: {{ ref('int_snapshot') }}
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

-- Names are only compared for being equal; comparing their numbers takes a tenth of the time.
providers as (

    select provider, row_number() over (order by provider) as number_in_list
    from (
        select first_provider as provider from {{ ref('int_package') }} where first_provider is not null
        union
        select last_provider as provider from {{ ref('int_package') }} where last_provider is not null
    ) as named

),

setting_groups as (

    select setting_group, row_number() over (order by setting_group) as number_in_list
    from (select distinct setting_group from {{ ref('int_package') }}) as named

),

packages as (

    select
        packages.snapshot_id,
        packages.person_key,
        packages.client_group,
        packages.setting_rank,
        setting_groups.number_in_list as setting_group,
        first_providers.number_in_list as first_provider,
        last_providers.number_in_list as last_provider,
        packages.weekly_gbp
    from {{ ref('int_package') }} as packages
    inner join setting_groups on packages.setting_group = setting_groups.setting_group
    left join providers as first_providers on packages.first_provider = first_providers.provider
    left join providers as last_providers on packages.last_provider = last_providers.provider

),

-- Either end of a pair.
ends as (

    select pair_id, from_snapshot_id as snapshot_id, 0 as is_later from pairs
    union all
    select pair_id, to_snapshot_id as snapshot_id, 1 as is_later from pairs

),

-- A person at both ends, in one row.
people as (

    select
        ends.pair_id,
        packages.person_key,
        packages.client_group,
        {%- for is_later, end in [(0, 'earlier'), (1, 'later')] %}
        {%- for how, column, name in [
            ('min', 'setting_rank', 'setting_rank'), ('min', 'setting_group', 'first_group'),
            ('max', 'setting_group', 'last_group'), ('min', 'first_provider', 'first_provider'),
            ('max', 'last_provider', 'last_provider'), ('sum', 'weekly_gbp', 'weekly_gbp'),
        ] %}
        {{ how }}(case when ends.is_later = {{ is_later }} then packages.{{ column }} end) as {{ end }}_{{ name }},
        {%- endfor %}
        {%- endfor %}
        min(ends.is_later) as first_end,
        max(ends.is_later) as last_end
    from ends
    inner join packages on ends.snapshot_id = packages.snapshot_id
    group by ends.pair_id, packages.person_key, packages.client_group

),

compared as (

    select
        pair_id,
        client_group,
        case
            when first_end = 1 then 'starter'
            when last_end = 0 then 'leaver'
            when
                earlier_setting_rank <> later_setting_rank
                or earlier_first_group <> later_first_group
                or earlier_last_group <> later_last_group
                then 'moved'
            when
                coalesce(earlier_first_provider, 0) <> coalesce(later_first_provider, 0)
                or coalesce(earlier_last_provider, 0) <> coalesce(later_last_provider, 0)
                then 'provider_changed'
            when coalesce(earlier_weekly_gbp, 0) <> coalesce(later_weekly_gbp, 0) then 'repriced'
            else 'unchanged'
        end as change,
        earlier_weekly_gbp as from_weekly_gbp,
        later_weekly_gbp as to_weekly_gbp
    from people

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
    ) as weekly_change_gbp
from compared
inner join pairs on compared.pair_id = pairs.pair_id
group by compared.pair_id, pairs.from_snapshot_id, pairs.to_snapshot_id, compared.client_group, compared.change
