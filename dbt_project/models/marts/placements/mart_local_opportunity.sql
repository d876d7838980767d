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

opportunities as (

    select * from {{ ref('opportunity') }}

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

),

saved as (

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

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    saved.client_group,
    saved.opportunity,
    opportunities.label,
    saved.assumption,
    saved.because as assumes,
    saved.people,
    saved.annual_cost_gbp,
    saved.mean_weekly_gbp,
    {{ ratio('saved.journeys_weekly', 'saved.people') }} as mean_journeys_weekly,
    {{ ratio('saved.weekly_gbp', 'saved.journeys_weekly') }} as mean_journey_gbp,
    {{ rounded('saved.saving') }} as saving_gbp,
    cast(null as {{ type_decimal() }}) as rounded_to_gbp,
    false as is_suppressed,
    case
        when saved.method = 'share_of_cost'
            then concat(
                cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
                cast(cast(round(saved.annual_cost_gbp) as integer) as {{ dbt.type_string() }}), ' a year'
            )
        when saved.method = 'per_person'
            then concat(
                cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
                cast(saved.movers as {{ dbt.type_string() }}), ' people x ',
                cast(cast(saved.gbp_per_person as integer) as {{ dbt.type_string() }}), ' a year'
            )
        when saved.weekly_difference_gbp is null then concat('what ', saved.instead, ' costs is not known here')
        else concat(
            cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
            cast(saved.people as {{ dbt.type_string() }}), ' people x ',
            cast(cast(round(saved.weekly_difference_gbp, 2) as decimal(18, 2)) as {{ dbt.type_string() }}),
            ' a week more than ', saved.instead, ' x ',
            cast(cast(saved.weeks_per_year as integer) as {{ dbt.type_string() }})
        )
    end as formula,
    case
        when saved.opportunity in ('high_cost', 'high_cost_community', 'nhs_share')
            then concat('from ', cast(cast(saved.high_cost_from as integer) as {{ dbt.type_string() }}), ' a week')
        when saved.opportunity = 'low_cost'
            then concat('below ', cast(cast(saved.low_cost_below as integer) as {{ dbt.type_string() }}), ' a week')
        when saved.opportunity = 'low_cost_with_uncosted'
            then concat(
                'below ', cast(cast(saved.low_cost_below as integer) as {{ dbt.type_string() }}),
                ' a week; uncosted at ',
                cast(cast(saved.uncosted_weekly as integer) as {{ dbt.type_string() }})
            )
        when saved.opportunity = 'step_down'
            then concat(
                'from ', cast(cast(saved.step_down_from as integer) as {{ dbt.type_string() }}), ' and below ',
                cast(cast(saved.step_down_below as integer) as {{ dbt.type_string() }}), ' a week'
            )
    end as threshold,
    snapshots.is_synthetic
from saved
inner join snapshots on saved.snapshot_id = snapshots.snapshot_id
inner join opportunities on saved.opportunity = opportunities.opportunity
