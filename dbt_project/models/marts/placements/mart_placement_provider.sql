-- Where the whole is suppressed there are no rows: people with two providers would disclose more of it.
with

providers as (

    select * from {{ ref('int_provider_group') }}

),

wholes as (

    select * from {{ ref('int_package_group') }} where people >= 5

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

stepped as (

    select
        providers.*,
        weeks.weeks_per_year,
        {{ gbp_step('providers.largest_weekly_gbp * weeks.weeks_per_year') }} as rounded_to_gbp
    from providers
    inner join wholes
        on
            providers.snapshot_id = wholes.snapshot_id
            and providers.client_group = wholes.client_group
            and providers.setting_group = wholes.setting_group
    cross join weeks

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    stepped.client_group,
    stepped.setting_group as setting,
    stepped.provider,
    -- The number of providers shown together is rounded like people; compared with the number of people, an exact one
    -- could show that each provider has one person.
    case
        when stepped.people < 5 then null
        when stepped.provider = 'providers of few people' then {{ shown_people('stepped.n_providers') }}
        else stepped.n_providers
    end as n_providers,
    {{ shown_people('stepped.people') }} as people,
    case
        when stepped.people >= 5 and stepped.rounded_to_gbp is not null
            then {{ shown_gbp('stepped.weekly_gbp * stepped.weeks_per_year', 'stepped.rounded_to_gbp') }}
    end as annual_cost_gbp,
    -- The mean of those with a price is calculated from the shown cost and their rounded number, to the nearest 10
    -- pounds: an exact mean would narrow down both people and cost. 5 means 5 to 7 people and counts as 6.
    case
        when stepped.priced_people >= 5
            then cast(round(
                cast({{ shown_gbp('stepped.weekly_gbp * stepped.weeks_per_year', 'stepped.rounded_to_gbp') }} as double)
                / cast(stepped.weeks_per_year as double) / greatest({{ shown_people('stepped.priced_people') }}, 6) / 10
            ) * 10 as {{ type_decimal() }})
    end as mean_weekly_gbp,
    case when stepped.people >= 5 then stepped.rounded_to_gbp end as rounded_to_gbp,
    stepped.people < 5 as is_suppressed,
    snapshots.is_synthetic
from stepped
inner join snapshots on stepped.snapshot_id = snapshots.snapshot_id
