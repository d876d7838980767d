-- Where a whole is suppressed its bands have no rows: each row would show that there is at least one person in it, and
-- so narrow down the suppressed number.
with

bands as (

    select * from {{ ref('int_package_band') }}

),

wholes as (

    select * from {{ ref('int_package_group') }} where people >= 5

),

providers as (

    select * from {{ ref('int_provider_group') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

bounds as (

    {{ whole_bounds() }}

),

-- A provider's mean with its cost shows how many have a price, to the nearest 5, and so how many are in costed bands.
priced as (

    select
        snapshot_id,
        client_group,
        setting_group,
        case
            when setting_group <> 'Community' then sum(coalesce({{ fewest_people('priced_people') }}, 0))
        end as fewest,
        sum(coalesce({{ most_people('priced_people') }}, 4)) as most
    from providers
    group by snapshot_id, client_group, setting_group

),

cells as (

    select
        bands.snapshot_id,
        bands.client_group,
        bands.setting_group,
        bands.band_order,
        bands.band,
        bands.low_gbp,
        bands.high_gbp,
        bands.people,
        -- High-cost residents with an NHS share and those without are shown too.
        {%- set rest = '(bands.people - bands.nhs_people)' %}
        greatest(
            {{ fewest_people('bands.people') }},
            coalesce({{ fewest_people('bands.nhs_people') }} + {{ fewest_people(rest) }}, 0)
        ) as fewest,
        least(
            {{ most_people('bands.people') }},
            coalesce({{ most_people('bands.nhs_people') }} + {{ most_people(rest) }}, 1000000000)
        ) as most,
        bounds.fewest as fewest_in_whole,
        bounds.most as most_in_whole,
        cast(bands.weekly_gbp as double) * weeks.weeks_per_year as gbp,
        {{ gbp_step('bands.largest_weekly_gbp * weeks.weeks_per_year') }} as step,
        bounds.least_gbp as whole_least_gbp,
        bounds.most_gbp as whole_most_gbp,
        cast(coalesce(bands.low_gbp, 0) as double) * weeks.weeks_per_year as least_gbp,
        -- The highest band has no upper price; the highest price of any package is used.
        case
            when bands.low_gbp is null then 0
            else least(
                coalesce(cast(bands.high_gbp as double) * weeks.weeks_per_year, 1000000000),
                cast({{ gbp_step('wholes.largest_weekly_gbp * weeks.weeks_per_year') }} as double)
            )
        end as most_gbp,
        cast(wholes.largest_weekly_gbp as double) * weeks.weeks_per_year as dearest_gbp,
        priced.fewest as fewest_priced,
        priced.most as most_priced
    from bands
    inner join wholes
        on
            bands.snapshot_id = wholes.snapshot_id
            and bands.client_group = wholes.client_group
            and bands.setting_group = wholes.setting_group
    inner join bounds
        on
            bands.snapshot_id = bounds.snapshot_id
            and bands.client_group = bounds.client_group
            and bands.setting_group = bounds.setting_group
    left join priced
        on
            bands.snapshot_id = priced.snapshot_id
            and bands.client_group = priced.client_group
            and bands.setting_group = priced.setting_group
    cross join weeks

),

hidden as (

    {{ hide_parts('cells', 'snapshot_id, client_group, setting_group', 'band_order', by_cost=true) }}

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    hidden.client_group,
    hidden.setting_group as setting,
    hidden.band_order,
    hidden.band,
    hidden.low_gbp,
    hidden.high_gbp,
    case when not hidden.is_suppressed then {{ shown_people('hidden.people') }} end as people,
    -- Uncosted packages have no cost: null, not zero.
    case
        when not hidden.is_suppressed and hidden.low_gbp is not null
            then {{ shown_gbp('hidden.gbp', 'hidden.step') }}
    end as annual_cost_gbp,
    case when not hidden.is_suppressed then hidden.step end as rounded_to_gbp,
    hidden.is_suppressed,
    snapshots.is_synthetic
from hidden
inner join snapshots on hidden.snapshot_id = snapshots.snapshot_id
