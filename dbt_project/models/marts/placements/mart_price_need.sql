-- What packages cost next to what packages of like need cost the same council: by the levels that the expected price is
-- made of, and by provider.
with

prices as (

    select * from {{ ref('int_package_price') }}

),

effects as (

    select * from {{ ref('stg_placement__price_effects') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

levels as (
    {%- for factor, level in [('all', "'all packages'"), ('setting', 'setting'), ('age_band', 'age_band'),
                              ('night_cover', 'night_cover'), ('area', 'area'), ('provider', 'provider')] %}

    select
        *,
        '{{ factor }}' as factor,
        {{ level }} as level
    from prices
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

summed as (

    select
        snapshot_id,
        client_group,
        setting_group,
        factor,
        level,
        count(*) as packages,
        sum(weekly_gbp) as weekly_gbp,
        sum(expected_weekly_gbp) as expected_weekly_gbp,
        max(spread_pct) as spread_pct,
        count(expected_for_hours_gbp) as packages_with_hours,
        sum(case when is_over_priced then 1 else 0 end) as over_priced_packages,
        coalesce(sum(over_priced_gbp), 0) as over_priced_gbp,
        sum(case when is_over_serviced then 1 else 0 end) as over_serviced_packages,
        coalesce(sum(over_serviced_gbp), 0) as over_serviced_gbp
    from levels
    group by snapshot_id, client_group, setting_group, factor, level
    having count(*) >= 5

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    summed.client_group,
    summed.setting_group as setting,
    summed.factor,
    summed.level,
    cast(summed.packages as integer) as packages,
    {{ ratio('summed.weekly_gbp', 'summed.packages') }} as mean_weekly_gbp,
    {{ ratio('summed.expected_weekly_gbp', 'summed.packages') }} as expected_weekly_gbp,
    {{ ratio('summed.weekly_gbp - summed.expected_weekly_gbp', 'summed.packages') }} as difference_gbp,
    {{ ratio('100 * (summed.weekly_gbp - summed.expected_weekly_gbp)', 'summed.expected_weekly_gbp') }}
        as difference_pct,
    effects.compared_with,
    effects.effect_pct,
    summed.spread_pct,
    cast(summed.packages_with_hours as integer) as packages_with_hours,
    cast(summed.over_priced_packages as integer) as over_priced_packages,
    cast(summed.over_priced_gbp * weeks.weeks_per_year as {{ type_decimal() }}) as over_priced_annual_gbp,
    cast(summed.over_serviced_packages as integer) as over_serviced_packages,
    cast(summed.over_serviced_gbp * weeks.weeks_per_year as {{ type_decimal() }}) as over_serviced_annual_gbp,
    snapshots.is_synthetic
from summed
inner join snapshots on summed.snapshot_id = snapshots.snapshot_id
cross join weeks
left join effects
    on
        summed.snapshot_id = effects.snapshot_id
        and summed.client_group = effects.client_group
        and summed.setting_group = effects.setting_group
        and summed.factor = effects.factor
        and summed.level = effects.level
