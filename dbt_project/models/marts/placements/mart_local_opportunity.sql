with

saved as (

    select * from {{ ref('int_local_saving') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

opportunities as (

    select * from {{ ref('opportunity') }}

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
