-- Savings are worked out from what is shown (people to the nearest 5, pounds to their step), so that anybody can work
-- them out again and nothing follows from them that is not shown.
with

cases as (

    select snapshot_id, client_group, opportunity, cast(null as {{ dbt.type_string() }}) as tier, people, weekly_gbp, largest_gbp
    from {{ ref('int_package_case') }}

),

tiers as (

    select * from {{ ref('int_move_risk') }}

),

wholes as (

    select * from {{ ref('int_package_group') }}

),

residents as (

    select * from wholes where setting_group = 'Residential and nursing'

),

community as (

    select * from wholes where setting_group = 'Community'

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

-- Whoever may move is taken to cost what residents cost on average.
moves as (

    select
        tiers.snapshot_id,
        tiers.client_group,
        'move_on' as opportunity,
        tiers.move_risk as tier,
        tiers.people,
        cast(tiers.people * residents.mean_weekly_gbp as {{ type_decimal() }}) as weekly_gbp,
        residents.largest_weekly_gbp as largest_gbp
    from tiers
    inner join residents on tiers.snapshot_id = residents.snapshot_id and tiers.client_group = residents.client_group

),

all_cases as (

    select * from cases
    union all
    select * from moves

),

-- A price range that holds a hidden band would give it back, and so would high-cost packages without an NHS share beside
-- a hidden few with one.
hidden_bands as (

    select snapshot_id, client_group, setting as setting_group, 'price' as kind, low_gbp, high_gbp
    from {{ ref('mart_placement_band') }}
    where is_suppressed
    union all
    select subsets.snapshot_id, subsets.client_group, subsets.setting as setting_group, 'NHS share' as kind,
        bands.low_gbp, bands.high_gbp
    from {{ ref('mart_placement_subset') }} as subsets
    inner join {{ ref('int_snapshot_band') }} as bands
        on
            subsets.snapshot_id = bands.snapshot_id
            and subsets.setting = bands.setting_group
            and subsets.band_order = bands.band_order
    where subsets.is_suppressed and subsets.subset = 'NHS share'

),

giving_back as (

    select distinct thresholds.snapshot_id, thresholds.client_group, opportunities.opportunity
    from thresholds
    cross join opportunities
    inner join hidden_bands
        on
            thresholds.snapshot_id = hidden_bands.snapshot_id
            and thresholds.client_group = hidden_bands.client_group
            and case
                when hidden_bands.setting_group <> opportunities.setting_group then false
                when opportunities.opportunity = 'nhs_share'
                    then
                        hidden_bands.kind = 'NHS share'
                        and coalesce(hidden_bands.high_gbp, 1000000000) > thresholds.high_cost_from
                when hidden_bands.kind = 'NHS share' then false
                when opportunities.opportunity in ('high_cost', 'high_cost_community')
                    then coalesce(hidden_bands.high_gbp, 1000000000) > thresholds.high_cost_from
                        and hidden_bands.low_gbp is not null
                when opportunities.opportunity = 'low_cost' then hidden_bands.low_gbp < thresholds.low_cost_below
                when opportunities.opportunity = 'low_cost_with_uncosted'
                    then coalesce(hidden_bands.low_gbp, 0) < thresholds.low_cost_below
                when opportunities.opportunity = 'step_down'
                    then
                        hidden_bands.low_gbp < thresholds.step_down_below
                        and coalesce(hidden_bands.high_gbp, 1000000000) > thresholds.step_down_from
                else false
            end

),

-- Of two assumptions of one name the council's own counts, and the newest that had begun.
chosen as (

    select
        snapshots.snapshot_id,
        assumptions.*,
        row_number() over (
            partition by snapshots.snapshot_id, assumptions.opportunity, assumptions.assumption
            order by case assumptions.council_code when '*' then 1 else 0 end, assumptions.from_date desc
        ) as place
    from snapshots
    inner join assumptions
        on
            assumptions.council_code in ('*', snapshots.council_code)
            and assumptions.from_date <= snapshots.snapshot_date

),

shown as (

    select
        all_cases.snapshot_id,
        all_cases.client_group,
        all_cases.opportunity,
        all_cases.tier,
        case when giving_back.opportunity is null then {{ shown_people('all_cases.people') }} end as people,
        {{ shown_gbp('all_cases.weekly_gbp * thresholds.weeks_per_year', gbp_step('all_cases.largest_gbp * thresholds.weeks_per_year')) }}
            as annual_cost_gbp,
        {{ gbp_step('all_cases.largest_gbp * thresholds.weeks_per_year') }} as rounded_to_gbp,
        -- What a package of the band costs more than one in the community, to the nearest 10 pounds a week.
        case
            when all_cases.people >= 5 and residents.people >= 5 and community.people >= 5
                then
                    round((
                        cast(all_cases.weekly_gbp as double) / nullif(all_cases.people, 0)
                        - cast(community.mean_weekly_gbp as double)
                    ) / 10) * 10
        end as weekly_difference_gbp,
        thresholds.weeks_per_year,
        thresholds.high_cost_from,
        thresholds.low_cost_below,
        thresholds.uncosted_weekly,
        thresholds.step_down_from,
        thresholds.step_down_below
    from all_cases
    inner join thresholds
        on all_cases.snapshot_id = thresholds.snapshot_id and all_cases.client_group = thresholds.client_group
    left join residents
        on all_cases.snapshot_id = residents.snapshot_id and all_cases.client_group = residents.client_group
    left join community
        on all_cases.snapshot_id = community.snapshot_id and all_cases.client_group = community.client_group
    left join giving_back
        on
            all_cases.snapshot_id = giving_back.snapshot_id
            and all_cases.client_group = giving_back.client_group
            and all_cases.opportunity = giving_back.opportunity
    where all_cases.people > 0

),

saved as (

    select
        shown.*,
        chosen.assumption,
        chosen.method,
        chosen.because,
        cast(chosen.share as double) as share,
        chosen.gbp_per_person,
        coalesce(chosen.people, shown.people) as movers,
        case
            when shown.people is null then null
            when chosen.method = 'share_of_cost'
                then cast(shown.annual_cost_gbp as double) * cast(chosen.share as double)
            when chosen.method = 'per_person'
                then
                    cast(chosen.share as double) * cast(coalesce(chosen.people, shown.people) as double)
                    * cast(chosen.gbp_per_person as double)
            -- Below what the community costs there is nothing to save by a move.
            when shown.weekly_difference_gbp > 0
                then
                    cast(chosen.share as double) * shown.people * shown.weekly_difference_gbp
                    * cast(shown.weeks_per_year as double)
            when shown.weekly_difference_gbp is not null then 0
        end as saving
    from shown
    inner join chosen
        on
            shown.snapshot_id = chosen.snapshot_id
            and shown.opportunity = chosen.opportunity
            and chosen.place = 1
            and (shown.tier is null or chosen.assumption = concat(shown.tier, '_risk'))

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
    case when saved.people is not null then saved.annual_cost_gbp end as annual_cost_gbp,
    {{ rounded('saved.saving') }} as saving_gbp,
    case when saved.people is not null then saved.rounded_to_gbp end as rounded_to_gbp,
    saved.people is null as is_suppressed,
    case
        when saved.people is null then 'hidden: fewer than 5 people, or a hidden number would follow from it'
        when saved.method = 'share_of_cost'
            then concat(
                cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
                cast(cast(saved.annual_cost_gbp as integer) as {{ dbt.type_string() }}), ' a year'
            )
        when saved.method = 'per_person'
            then concat(
                cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
                cast(saved.movers as {{ dbt.type_string() }}), ' people x ',
                cast(cast(saved.gbp_per_person as integer) as {{ dbt.type_string() }}), ' a year'
            )
        when saved.weekly_difference_gbp is null then 'no community packages to compare with'
        else concat(
            cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
            cast(saved.people as {{ dbt.type_string() }}), ' people x ',
            cast(cast(saved.weekly_difference_gbp as integer) as {{ dbt.type_string() }}),
            ' a week more than a community package x ',
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
                'below ', cast(cast(saved.low_cost_below as integer) as {{ dbt.type_string() }}), ' a week; uncosted at ',
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
