-- What each opportunity of a snapshot would save under each of its assumptions, before it is put in words.
with

cases as (

    select * from {{ ref('int_package_case') }} where people > 0

),

tiers as (

    select * from {{ ref('int_move_risk') }} where people > 0

),

groups as (

    select * from {{ ref('int_package_group') }}

),

settings as (

    select * from {{ ref('int_placement_setting') }}

),

assumptions as (

    select * from {{ ref('opportunity_assumption') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

thresholds as (

    select * from {{ ref('int_placement_threshold') }}

),

residents as (

    select * from groups where setting_group = 'Residential and nursing'

),

community as (

    select * from groups where setting_group = 'Community'

),

-- Where people move to from residential care.
destinations as (

    select * from settings where setting in ('Supported living', 'Shared Lives')

),

-- People who may move are assumed to cost what residents with a price cost on average.
moves as (

    select
        tiers.snapshot_id,
        tiers.client_group,
        'move_on' as opportunity,
        tiers.move_risk as tier,
        tiers.people,
        cast(tiers.people * residents.mean_weekly_gbp as {{ type_decimal() }}) as weekly_gbp,
        residents.mean_weekly_gbp
    from tiers
    inner join residents on tiers.snapshot_id = residents.snapshot_id and tiers.client_group = residents.client_group

),

all_cases as (

    select
        snapshot_id,
        client_group,
        opportunity,
        cast(null as {{ dbt.type_string() }}) as tier,
        people,
        weekly_gbp,
        mean_weekly_gbp,
        journeys_weekly
    from cases
    union all
    select
        snapshot_id,
        client_group,
        opportunity,
        tier,
        people,
        weekly_gbp,
        mean_weekly_gbp,
        cast(null as {{ type_decimal() }}) as journeys_weekly
    from moves

),

-- Where an assumption is given more than once, the council's own is used, then the newest in force at the snapshot.
chosen as (

    select
        snapshots.snapshot_id,
        assumptions.*,
        row_number() over (
            partition by snapshots.snapshot_id, assumptions.opportunity, assumptions.assumption
            order by case assumptions.council_code when '*' then 1 else 0 end, assumptions.from_date desc
        ) as rank_of_assumption
    from snapshots
    inner join assumptions
        on
            assumptions.council_code in ('*', snapshots.council_code)
            and snapshots.snapshot_date >= assumptions.from_date

),

-- What a package costs a week more than one in the community, over those with a price on either side.
compared as (

    select
        all_cases.*,
        cast(all_cases.weekly_gbp * thresholds.weeks_per_year as {{ type_decimal() }}) as annual_cost_gbp,
        thresholds.weeks_per_year,
        thresholds.high_cost_from,
        thresholds.low_cost_below,
        thresholds.uncosted_weekly,
        thresholds.step_down_from,
        thresholds.step_down_below,
        case all_cases.opportunity
            when 'move_on' then case all_cases.tier when 'shared_lives' then 'Shared Lives' else 'supported living' end
            else 'a community package'
        end as instead,
        cast(all_cases.mean_weekly_gbp as double) - cast(
            case all_cases.opportunity
                when 'move_on' then destinations.mean_weekly_gbp
                else community.mean_weekly_gbp
            end as double
        ) as weekly_difference_gbp
    from all_cases
    inner join thresholds
        on all_cases.snapshot_id = thresholds.snapshot_id and all_cases.client_group = thresholds.client_group
    left join community
        on all_cases.snapshot_id = community.snapshot_id and all_cases.client_group = community.client_group
    left join destinations
        on
            all_cases.snapshot_id = destinations.snapshot_id
            and all_cases.client_group = destinations.client_group
            and destinations.setting
            = case all_cases.tier when 'shared_lives' then 'Shared Lives' else 'Supported living' end

)

select
    compared.*,
    chosen.assumption,
    chosen.method,
    chosen.because,
    cast(chosen.share as double) as share,
    chosen.gbp_per_person,
    coalesce(chosen.people, compared.people) as movers,
    case
        when chosen.method = 'share_of_cost'
            then cast(compared.annual_cost_gbp as double) * cast(chosen.share as double)
        when chosen.method = 'per_person'
            then
                cast(chosen.share as double) * cast(coalesce(chosen.people, compared.people) as double)
                * cast(chosen.gbp_per_person as double)
        -- A package that costs less than one in the community saves nothing by a move.
        when compared.weekly_difference_gbp > 0
            then
                cast(chosen.share as double) * compared.people * compared.weekly_difference_gbp
                * cast(compared.weeks_per_year as double)
        when compared.weekly_difference_gbp is not null then 0
    end as saving
from compared
inner join chosen
    on
        compared.snapshot_id = chosen.snapshot_id
        and compared.opportunity = chosen.opportunity
        and chosen.rank_of_assumption = 1
        and (compared.tier is null or chosen.assumption = concat(compared.tier, '_risk'))
