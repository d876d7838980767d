-- Savings are worked out from what is shown (people to the nearest 5, pounds to their step), so that anyone can
-- recalculate them and they disclose nothing that is not shown.
with

cases as (

    select
        snapshot_id,
        client_group,
        opportunity,
        cast(null as {{ dbt.type_string() }}) as tier,
        people,
        weekly_gbp,
        largest_gbp,
        cast(null as double) as mean_weekly_gbp,
        cast(null as {{ type_decimal() }}) as step
    from {{ ref('int_package_case') }}

),

tiers as (

    select * from {{ ref('mart_move_risk') }}

),

wholes as (

    select * from {{ ref('mart_placement_setting') }} where setting = 'All settings' and not is_suppressed

),

bands as (

    select * from {{ ref('mart_placement_band') }}

),

subsets as (

    select * from {{ ref('mart_placement_subset') }}

),

exact_bands as (

    select * from {{ ref('int_package_band') }} where setting_group = 'Residential and nursing'

),

price_bands as (

    select * from {{ ref('int_snapshot_band') }}

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

-- What a package costs a week on average, from what is shown; those without a price are left out of the people.
means as (

    select
        wholes.snapshot_id,
        wholes.client_group,
        wholes.setting_group,
        wholes.rounded_to_gbp,
        thresholds.weeks_per_year,
        cast(wholes.annual_cost_gbp as double) / cast(thresholds.weeks_per_year as double)
        / nullif(wholes.people - coalesce(uncosted.people, 0), 0) as weekly_gbp
    from wholes
    inner join thresholds
        on wholes.snapshot_id = thresholds.snapshot_id and wholes.client_group = thresholds.client_group
    left join bands as uncosted
        on
            wholes.snapshot_id = uncosted.snapshot_id
            and wholes.client_group = uncosted.client_group
            and wholes.setting_group = uncosted.setting
            and uncosted.low_gbp is null

),

residents as (

    select * from means where setting_group = 'Residential and nursing'

),

community as (

    select * from means where setting_group = 'Community'

),

-- Where people move to from residential care.
destinations as (

    select snapshot_id, client_group, setting, people, annual_cost_gbp
    from {{ ref('mart_placement_setting') }}
    where setting in ('Supported living', 'Shared Lives') and not is_suppressed

),

-- People who may move are assumed to cost what residents cost on average. A suppressed tier stays suppressed.
moves as (

    select
        tiers.snapshot_id,
        tiers.client_group,
        'move_on' as opportunity,
        tiers.move_risk as tier,
        coalesce(tiers.people, 1) as people,
        cast(tiers.people * residents.weekly_gbp as {{ type_decimal() }}) as weekly_gbp,
        cast(null as {{ type_decimal() }}) as largest_gbp,
        residents.weekly_gbp as mean_weekly_gbp,
        residents.rounded_to_gbp as step
    from tiers
    inner join residents on tiers.snapshot_id = residents.snapshot_id and tiers.client_group = residents.client_group

),

all_cases as (

    select * from cases
    union all
    select * from moves

),

-- Price ranges of suppressed numbers: of a band, of its part with an NHS share, or of its part out of the area, which
-- would show the least that the suppressed band can be.
hidden_prices as (

    select snapshot_id, client_group, setting as setting_group, 'band' as kind, low_gbp, high_gbp
    from bands
    where is_suppressed
    union all
    select
        subsets.snapshot_id,
        subsets.client_group,
        subsets.setting as setting_group,
        'NHS share' as kind,
        price_bands.low_gbp,
        price_bands.high_gbp
    from subsets
    inner join price_bands
        on
            subsets.snapshot_id = price_bands.snapshot_id
            and subsets.setting = price_bands.setting_group
            and subsets.band_order = price_bands.band_order
    where subsets.is_suppressed and subsets.subset = 'NHS share'
    union all
    select
        bands.snapshot_id,
        bands.client_group,
        bands.setting as setting_group,
        'out of area' as kind,
        bands.low_gbp,
        bands.high_gbp
    from bands
    inner join exact_bands
        on
            bands.snapshot_id = exact_bands.snapshot_id
            and bands.client_group = exact_bands.client_group
            and bands.setting = exact_bands.setting_group
            and bands.band_order = exact_bands.band_order
    where bands.is_suppressed and exact_bands.out_of_area_people >= 5

),

-- An opportunity that includes a suppressed number, or adjoins one, would disclose it.
giving_back as (

    select distinct thresholds.snapshot_id, thresholds.client_group, opportunities.opportunity
    from thresholds
    cross join opportunities
    inner join hidden_prices
        on
            thresholds.snapshot_id = hidden_prices.snapshot_id
            and thresholds.client_group = hidden_prices.client_group
            and opportunities.setting_group = hidden_prices.setting_group
            and case
                when opportunities.opportunity = 'out_of_area' then hidden_prices.kind = 'out of area'
                when hidden_prices.kind = 'out of area' then false
                when hidden_prices.kind = 'NHS share' and opportunities.opportunity <> 'nhs_share' then false
                when opportunities.opportunity in ('high_cost', 'high_cost_community', 'nhs_share')
                    then
                        hidden_prices.low_gbp is not null
                        and coalesce(hidden_prices.high_gbp, 1000000000) > thresholds.high_cost_from
                when opportunities.opportunity = 'low_cost' then thresholds.low_cost_below > hidden_prices.low_gbp
                when opportunities.opportunity = 'low_cost_with_uncosted'
                    then coalesce(hidden_prices.low_gbp, 0) < thresholds.low_cost_below
                when opportunities.opportunity = 'step_down'
                    then
                        thresholds.step_down_below > hidden_prices.low_gbp
                        and coalesce(hidden_prices.high_gbp, 1000000000) > thresholds.step_down_from
                else false
            end
    union
    -- People with night cover and no assistive technology come from both kinds of night cover, so where either kind has
    -- 1 to 4 people, this opportunity would help to work out how many.
    select snapshot_id, client_group, 'assistive_technology' as opportunity
    from cases
    where opportunity in ('sleep_in', 'waking_night') and people between 1 and 4

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

stepped as (

    select
        all_cases.*,
        coalesce(
            all_cases.step, {{ gbp_step('all_cases.largest_gbp * thresholds.weeks_per_year') }}
        ) as rounded_to_gbp
    from all_cases
    inner join thresholds
        on all_cases.snapshot_id = thresholds.snapshot_id and all_cases.client_group = thresholds.client_group
    where all_cases.people > 0

),

shown as (

    select
        stepped.snapshot_id,
        stepped.client_group,
        stepped.opportunity,
        stepped.tier,
        case when giving_back.opportunity is null then {{ shown_people('stepped.people') }} end as people,
        {{ shown_gbp('stepped.weekly_gbp * thresholds.weeks_per_year', 'stepped.rounded_to_gbp') }} as annual_cost_gbp,
        stepped.rounded_to_gbp,
        stepped.mean_weekly_gbp,
        thresholds.weeks_per_year,
        thresholds.high_cost_from,
        thresholds.low_cost_below,
        thresholds.uncosted_weekly,
        thresholds.step_down_from,
        thresholds.step_down_below
    from stepped
    inner join thresholds
        on stepped.snapshot_id = thresholds.snapshot_id and stepped.client_group = thresholds.client_group
    left join giving_back
        on
            stepped.snapshot_id = giving_back.snapshot_id
            and stepped.client_group = giving_back.client_group
            and stepped.opportunity = giving_back.opportunity

),

-- What a package costs a week more than one in the community, to the nearest 20 pounds: rounded counts of people allow
-- no more precision.
compared as (

    select
        shown.*,
        case shown.opportunity
            when 'move_on' then case shown.tier when 'shared_lives' then 'Shared Lives' else 'supported living' end
            else 'a community package'
        end as instead,
        round((
            coalesce(
                shown.mean_weekly_gbp,
                cast(shown.annual_cost_gbp as double) / cast(shown.weeks_per_year as double) / shown.people
            ) - case shown.opportunity
                when 'move_on'
                    then
                        cast(destinations.annual_cost_gbp as double) / cast(shown.weeks_per_year as double)
                        / destinations.people
                else community.weekly_gbp
            end
        ) / 20) * 20 as weekly_difference_gbp
    from shown
    left join community on shown.snapshot_id = community.snapshot_id and shown.client_group = community.client_group
    left join destinations
        on
            shown.snapshot_id = destinations.snapshot_id
            and shown.client_group = destinations.client_group
            and destinations.setting
            = case shown.tier when 'shared_lives' then 'Shared Lives' else 'Supported living' end

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
            when compared.people is null then null
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
        when saved.weekly_difference_gbp is null then concat('what ', saved.instead, ' costs is not known here')
        else concat(
            cast(cast(round(100 * saved.share) as integer) as {{ dbt.type_string() }}), '% of ',
            cast(saved.people as {{ dbt.type_string() }}), ' people x ',
            cast(cast(saved.weekly_difference_gbp as integer) as {{ dbt.type_string() }}),
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
