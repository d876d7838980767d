-- The residents of each tier of risk of a planned move, exactly: as the council judged them; where it recorded none,
-- in the assumed shares.
with

packages as (

    select *
    from {{ ref('int_package') }}
    where setting_group = 'Residential and nursing'

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

own as (

    select * from {{ ref('stg_register__move_risk_tiers') }}

),

tiers as (

    select move_risk, label, council_code, from_date, share_of_people, because, 0 as is_own
    from {{ ref('move_risk_tier') }}
    union all
    select
        move_risk,
        label,
        council_code,
        from_date,
        share_of_people,
        because,
        1 as is_own
    from own

),

ranked as (

    select
        snapshots.snapshot_id,
        tiers.move_risk,
        tiers.label,
        tiers.share_of_people,
        tiers.because,
        row_number() over (
            partition by snapshots.snapshot_id, tiers.move_risk
            order by tiers.is_own desc, case tiers.council_code when '*' then 1 else 0 end, tiers.from_date desc
        ) as rank_of_tier
    from snapshots
    inner join tiers
        on tiers.council_code in ('*', snapshots.council_code) and snapshots.snapshot_date >= tiers.from_date

),

residents as (

    select
        snapshot_id,
        client_group,
        count(*) as people,
        count(move_risk) as judged_people
    from packages
    group by snapshot_id, client_group

),

judged as (

    select snapshot_id, client_group, move_risk, count(*) as people
    from packages
    where move_risk is not null
    group by snapshot_id, client_group, move_risk

)

select
    residents.snapshot_id,
    residents.client_group,
    ranked.move_risk,
    ranked.label,
    residents.judged_people > 0 as is_judged,
    cast(
        case
            when residents.judged_people > 0 then coalesce(judged.people, 0)
            else round(residents.people * ranked.share_of_people)
        end as integer
    ) as people,
    ranked.share_of_people,
    ranked.because
from residents
inner join ranked on residents.snapshot_id = ranked.snapshot_id and ranked.rank_of_tier = 1
left join judged
    on
        residents.snapshot_id = judged.snapshot_id
        and residents.client_group = judged.client_group
        and ranked.move_risk = judged.move_risk
