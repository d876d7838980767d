with

providers as (

    select * from {{ ref('int_provider_group') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    providers.client_group,
    providers.setting_group as setting,
    providers.provider,
    providers.n_providers,
    providers.people,
    providers.priced_people,
    -- Where no one has a price there is no cost: null, not zero.
    case
        when providers.priced_people > 0
            then cast(providers.weekly_gbp * weeks.weeks_per_year as {{ type_decimal() }})
    end as annual_cost_gbp,
    {{ ratio('providers.weekly_gbp', 'providers.priced_people') }} as mean_weekly_gbp,
    cast(null as {{ type_decimal() }}) as rounded_to_gbp,
    false as is_suppressed,
    snapshots.is_synthetic
from providers
inner join snapshots on providers.snapshot_id = snapshots.snapshot_id
cross join weeks
