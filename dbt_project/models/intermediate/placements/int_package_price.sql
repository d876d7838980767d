{{ config(materialized='view') }}
-- The price of each package next to what packages of like need cost, and which part of a gap is the price and which the
-- hours. A view: the estimates are made after the packages.
with

prices as (

    select * from {{ ref('stg_placement__prices') }}

),

packages as (

    select * from {{ ref('int_package') }}

),

thresholds as (

    select * from {{ ref('int_placement_threshold') }}

),

joined as (

    select
        prices.*,
        case
            when packages.first_provider is null then 'not recorded'
            when packages.first_provider = packages.last_provider then packages.first_provider
            else 'several providers'
        end as provider,
        -- Where hours are known, a price is judged at these hours.
        coalesce(prices.expected_for_hours_gbp, prices.expected_weekly_gbp) as expected_price_gbp,
        -- A gap that prices of like packages have anyway shows nothing.
        100 + greatest(
            thresholds.price_gap_pct, coalesce(prices.spread_for_hours_pct, prices.spread_pct)
        ) as price_limit_pct,
        100 + thresholds.price_gap_pct as hours_limit_pct
    from prices
    inner join packages
        on
            prices.snapshot_id = packages.snapshot_id
            and prices.person_key = packages.person_key
            and prices.client_group = packages.client_group
            and prices.setting_group = packages.setting_group
    inner join thresholds
        on prices.snapshot_id = thresholds.snapshot_id and prices.client_group = thresholds.client_group

),

judged as (

    select
        *,
        100 * weekly_gbp > expected_price_gbp * price_limit_pct as is_over_priced,
        coalesce(
            100 * expected_for_hours_gbp > expected_weekly_gbp * hours_limit_pct and weekly_gbp > expected_weekly_gbp,
            false
        ) as is_over_serviced
    from joined

)

select
    snapshot_id,
    person_key,
    client_group,
    setting_group,
    setting,
    age_band,
    night_cover,
    area,
    -- A provider of few people may be a person.
    case
        when count(*) over (partition by snapshot_id, client_group, setting_group, provider) < 5
            then 'providers of few people'
        else provider
    end as provider,
    weekly_gbp,
    hours_weekly,
    one_to_one_hours_weekly,
    expected_weekly_gbp,
    expected_for_hours_gbp,
    spread_pct,
    is_over_priced,
    is_over_serviced,
    case when is_over_priced then weekly_gbp - expected_price_gbp end as over_priced_gbp,
    -- No more than what the package costs above like need: the rest of the hours is paid for by a low price.
    case
        when is_over_serviced then least(expected_for_hours_gbp, weekly_gbp) - expected_weekly_gbp
    end as over_serviced_gbp
from judged
