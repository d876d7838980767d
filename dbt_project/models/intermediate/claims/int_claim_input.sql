-- What was found for each input of a claim: its value, and half of its last digit where it is rounded. Residents that
-- the claims themselves share are one range; number_with_ons has the ONS estimate in its place.
with

inputs as (

    select * from {{ ref('claim_input') }}

),

figures as (

    select * from {{ ref('fct_figure') }} where is_current

),

unit_costs as (

    select * from {{ ref('int_unit_cost') }}

),

derived as (

    select * from {{ ref('fct_derived_figure') }}

),

groups as (

    select * from {{ ref('mart_group_statistic') }} where basis = 'as_returned' and peer_set in ('england', 'class')

),

council_years as (

    select * from {{ ref('int_council_year') }}

),

trends as (

    select * from {{ ref('mart_trend') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

shared_population as (

    select distinct shared_low, shared_high, ons_people from {{ ref('mart_claim_population') }}

),

below as (

    select
        inputs.claim_id,
        inputs.factor,
        inputs.place_in_factor,
        100 * cast(sum(case when derived.value < inputs.number then 1 else 0 end) as double) / count(derived.value)
            as number
    from inputs
    inner join derived on inputs.measure_id = derived.measure_id and inputs.financial_year = derived.financial_year
    where inputs.kind = 'share_below'
    group by inputs.claim_id, inputs.factor, inputs.place_in_factor

),

-- The statistic of England, or of the class that the council was of in that year.
statistics as (

    select
        inputs.claim_id,
        inputs.factor,
        inputs.place_in_factor,
        case inputs.used
            when 'weighted_mean' then groups.weighted_mean
            when 'mean' then groups.mean
            when 'median' then groups.median
        end as number
    from inputs
    left join council_years
        on inputs.council_code = council_years.council_code and inputs.financial_year = council_years.financial_year
    inner join groups
        on
            inputs.measure_id = groups.measure_id
            and inputs.financial_year = groups.financial_year
            and inputs.kind = groups.peer_set
            and (inputs.kind = 'england' or council_years.class = groups.group_name)
    where inputs.kind in ('england', 'class')

)

select
    inputs.claim_id,
    inputs.factor,
    inputs.place_in_factor,
    inputs.power,
    inputs.weight,
    inputs.kind,
    cast(
        case inputs.kind
            when 'printed' then inputs.number
            when 'figure'
                then case inputs.used
                    when 'numerator' then figures.numerator
                    when 'denominator' then figures.denominator
                    else coalesce(figures.value, derived.value)
                end
            when 'population' then population.people
            when
                'shared_population'
                then cast(shared_population.shared_low + shared_population.shared_high as double) / 2
            when 'steps_up' then trends.steps_up
            when 'share_below' then below.number
            else statistics.number
        end as double
    ) as number,
    cast(
        case inputs.kind
            when 'printed' then inputs.half_step
            when 'figure'
                then case inputs.used
                    when 'numerator' then unit_costs.numerator_half_step
                    when 'denominator' then unit_costs.denominator_half_step
                    else coalesce(figures.half_step, cast(derived.value_high - derived.value_low as double) / 2)
                end
            when
                'shared_population'
                then cast(shared_population.shared_high - shared_population.shared_low as double) / 2
            else 0
        end as double
    ) as half_step,
    cast(shared_population.ons_people as double) as ons_people,
    coalesce(figures.figure_id, derived.figure_id, trends.figure_id) as figure_id
from inputs
left join figures
    on
        inputs.kind = 'figure'
        and inputs.council_code = figures.council_code
        and inputs.financial_year = figures.financial_year
        and inputs.measure_id = figures.measure_id
left join unit_costs on figures.figure_id = unit_costs.figure_id
left join derived
    on
        inputs.kind = 'figure'
        and inputs.council_code = derived.council_code
        and inputs.financial_year = derived.financial_year
        and inputs.measure_id = derived.measure_id
left join population
    on
        inputs.kind = 'population'
        and inputs.council_code = population.council_code
        and inputs.financial_year = population.financial_year
        and inputs.used = population.age_band
left join shared_population on inputs.kind = 'shared_population'
left join trends
    on
        inputs.kind = 'steps_up'
        and inputs.council_code = trends.council_code
        and inputs.financial_year = trends.financial_year
        and inputs.measure_id = trends.measure_id
left join below
    on
        inputs.claim_id = below.claim_id
        and inputs.factor = below.factor
        and inputs.place_in_factor = below.place_in_factor
left join statistics
    on
        inputs.claim_id = statistics.claim_id
        and inputs.factor = statistics.factor
        and inputs.place_in_factor = statistics.place_in_factor
