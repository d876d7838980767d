-- Providers of fewer than 5 people stand together as one row; where these are fewer than 5 as well, the smallest provider
-- joins them.
with

providers as (

    select * from {{ ref('int_placement_provider') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    select number as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

marked as (

    select
        providers.*,
        sum(case when people < 5 then people else 0 end) over (partition by snapshot_id, client_group, setting_group)
            as small_people,
        row_number() over (
            partition by snapshot_id, client_group, setting_group, case when people < 5 then 1 else 0 end
            order by people, provider
        ) as place
    from providers

),

named as (

    select
        marked.*,
        case
            when people < 5 or (small_people > 0 and small_people < 5 and place = 1) then 'providers of few people'
            else provider
        end as shown_as
    from marked

),

grouped as (

    select
        snapshot_id,
        client_group,
        setting_group,
        shown_as as provider,
        cast(count(*) as integer) as n_providers,
        cast(sum(people) as integer) as people,
        cast(coalesce(sum(weekly_gbp), 0) as {{ type_decimal() }}) as weekly_gbp,
        max(largest_weekly_gbp) as largest_weekly_gbp
    from named
    group by snapshot_id, client_group, setting_group, shown_as

),

stepped as (

    select grouped.*, weeks.weeks_per_year, {{ gbp_step('largest_weekly_gbp * weeks.weeks_per_year') }} as rounded_to_gbp
    from grouped
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
    -- How many stand together is rounded like people: beside these it would say that each of them is of one.
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
    -- From what is shown, to the nearest 10 pounds: the exact mean would narrow down both people and cost. 5 stands for
    -- 5 to 7 people.
    case
        when stepped.people >= 5 and stepped.rounded_to_gbp is not null
            then cast(round(
                cast({{ shown_gbp('stepped.weekly_gbp * stepped.weeks_per_year', 'stepped.rounded_to_gbp') }} as double)
                / cast(stepped.weeks_per_year as double) / greatest({{ shown_people('stepped.people') }}, 6) / 10
            ) * 10 as {{ type_decimal() }})
    end as mean_weekly_gbp,
    case when stepped.people >= 5 then stepped.rounded_to_gbp end as rounded_to_gbp,
    stepped.people < 5 as is_suppressed,
    snapshots.is_synthetic
from stepped
inner join snapshots on stepped.snapshot_id = snapshots.snapshot_id
