with

providers as (

    select * from {{ ref('mart_placement_provider') }} where annual_cost_gbp is not null

),

named as (

    select
        providers.*,
        providers.provider not in ('providers of few people', 'not recorded') as is_named
    from providers

),

ranked as (

    select
        named.*,
        sum(named.annual_cost_gbp)
            over (partition by named.snapshot_id, named.client_group, named.setting) as whole_gbp,
        row_number() over (
            partition by named.snapshot_id, named.client_group, named.setting, named.is_named
            order by named.annual_cost_gbp desc, named.provider
        ) as rank_by_cost
    from named

)

select
    snapshot_id,
    council_code,
    council,
    snapshot_date,
    client_group,
    setting,
    cast(sum(case when is_named then 1 else 0 end) as integer) as n_named_providers,
    cast(max(whole_gbp) as {{ type_decimal() }}) as annual_cost_gbp,
    {{ ratio('100 * sum(case when is_named and rank_by_cost <= 6 then annual_cost_gbp else 0 end)', 'max(whole_gbp)') }}
        as largest_six_pct,
    {{ ratio('100 * max(case when is_named then annual_cost_gbp end)', 'max(whole_gbp)') }} as largest_pct,
    min(case when is_named then mean_weekly_gbp end) as lowest_mean_weekly_gbp,
    max(case when is_named then mean_weekly_gbp end) as highest_mean_weekly_gbp,
    {{ ratio('max(case when is_named then mean_weekly_gbp end)', 'min(case when is_named then mean_weekly_gbp end)') }}
        as price_spread,
    is_synthetic
from ranked
group by snapshot_id, council_code, council, snapshot_date, client_group, setting, is_synthetic
