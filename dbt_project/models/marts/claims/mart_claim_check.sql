-- A claim is worked out as scale x f1 x f2 x f3 x f4 + shift, where each factor is a sum of weighted inputs, multiplied
-- or divided by; every input has the interval that its rounding allows, and so has the result.
with

claims as (

    select * from {{ ref('claim') }}

),

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

    select * from {{ ref('mart_group_statistic') }} where peer_set = 'england' and basis = 'as_returned'

),

trends as (

    select * from {{ ref('mart_trend') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

shared_population as (

    select distinct shared_low, shared_high from {{ ref('mart_claim_population') }}

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

-- Each kind of input: its value and the interval that rounding allows.
found as (

    select
        claim_id, factor, place_in_factor, power, weight,
        cast(number as double) as number, cast(half_step as double) as half_step,
        cast(null as {{ dbt.type_string() }}) as figure_id
    from inputs
    where kind = 'printed'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        cast(
            case inputs.used
                when 'numerator' then figures.numerator
                when 'denominator' then figures.denominator
                else figures.value
            end as double
        ) as number,
        cast(
            case inputs.used
                when 'numerator' then unit_costs.numerator_half_step
                when 'denominator' then unit_costs.denominator_half_step
                else figures.half_step
            end as double
        ) as half_step,
        figures.figure_id
    from inputs
    inner join figures
        on
            inputs.council_code = figures.council_code
            and inputs.financial_year = figures.financial_year
            and inputs.measure_id = figures.measure_id
    left join unit_costs on figures.figure_id = unit_costs.figure_id
    where inputs.kind = 'figure'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        cast(derived.value as double) as number,
        cast(derived.value_high - derived.value_low as double) / 2 as half_step,
        derived.figure_id
    from inputs
    inner join derived
        on
            inputs.council_code = derived.council_code
            and inputs.financial_year = derived.financial_year
            and inputs.measure_id = derived.measure_id
    where inputs.kind = 'figure'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        cast(population.people as double) as number,
        0 as half_step,
        cast(null as {{ dbt.type_string() }}) as figure_id
    from inputs
    inner join population
        on
            inputs.council_code = population.council_code
            and inputs.financial_year = population.financial_year
            and inputs.used = population.age_band
    where inputs.kind = 'population'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        cast(shared_population.shared_low + shared_population.shared_high as double) / 2 as number,
        cast(shared_population.shared_high - shared_population.shared_low as double) / 2 as half_step,
        cast(null as {{ dbt.type_string() }}) as figure_id
    from inputs
    cross join shared_population
    where inputs.kind = 'shared_population'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        cast(
            case inputs.used
                when 'weighted_mean' then groups.weighted_mean
                when 'mean' then groups.mean
                when 'median' then groups.median
            end as double
        ) as number,
        0 as half_step,
        cast(null as {{ dbt.type_string() }}) as figure_id
    from inputs
    inner join groups on inputs.measure_id = groups.measure_id and inputs.financial_year = groups.financial_year
    where inputs.kind = 'england'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        cast(trends.steps_up as double) as number,
        0 as half_step,
        trends.figure_id
    from inputs
    inner join trends
        on
            inputs.council_code = trends.council_code
            and inputs.financial_year = trends.financial_year
            and inputs.measure_id = trends.measure_id
    where inputs.kind = 'steps_up'
    union all
    select
        inputs.claim_id, inputs.factor, inputs.place_in_factor, inputs.power, inputs.weight,
        below.number,
        0 as half_step,
        cast(null as {{ dbt.type_string() }}) as figure_id
    from inputs
    inner join below
        on
            inputs.claim_id = below.claim_id
            and inputs.factor = below.factor
            and inputs.place_in_factor = below.place_in_factor

),

expected as (

    select
        claim_id,
        count(*) as n_inputs,
        max(case kind when 'shared_population' then 1 else 0 end) as n_circular
    from inputs
    group by claim_id

),

factors as (

    select
        claim_id,
        factor,
        max(power) as power,
        count(number) as n_found,
        sum(weight * number) as number,
        sum(weight * number) - sum(abs(weight) * half_step) as low,
        sum(weight * number) + sum(abs(weight) * half_step) as high,
        {{ joined_list('figure_id') }} as figure_ids
    from found
    group by claim_id, factor

),

-- Dividing is multiplying by the inverse, which swaps the ends of the interval.
powered as (

    select
        claim_id,
        factor,
        n_found,
        figure_ids,
        case power when 1 then number else 1 / nullif(number, 0) end as number,
        case power when 1 then low else 1 / nullif(high, 0) end as low,
        case power when 1 then high else 1 / nullif(low, 0) end as high
    from factors

),

multiplied as (

    select
        claim_id,
        sum(n_found) as n_found,
        {{ joined_list("nullif(figure_ids, '')") }} as figure_ids,
        {{ product_of_factors('number') }} as number,
        {{ product_of_factors('low') }} as low,
        {{ product_of_factors('high') }} as high
    from powered
    group by claim_id

),

recomputed as (

    select
        claims.*,
        cast(expected.n_inputs as integer) as n_inputs,
        -- Residents deduced from the claims themselves can only show that these agree with each other.
        coalesce(expected.n_circular, 0) = 1 as is_circular,
        coalesce(multiplied.n_found, 0) = expected.n_inputs as is_complete,
        multiplied.figure_ids,
        cast(claims.scale as double) * multiplied.number + cast(claims.shift as double) as number,
        cast(claims.scale as double) * multiplied.low + cast(claims.shift as double) as low,
        cast(claims.scale as double) * multiplied.high + cast(claims.shift as double) as high,
        cast(claims.stated as double) as stated_number,
        cast(claims.half_step as double) as stated_half_step
    from claims
    left join expected on claims.claim_id = expected.claim_id
    left join multiplied on claims.claim_id = multiplied.claim_id

),

bounded as (

    select
        recomputed.*,
        case when recomputed.is_complete then {{ rounded('number') }} end as value,
        case when recomputed.is_complete then {{ rounded('case when low < high then low else high end') }} end
            as value_low,
        case when recomputed.is_complete then {{ rounded('case when low < high then high else low end') }} end
            as value_high,
        {{ rounded('stated_number - stated_half_step') }} as stated_low,
        {{ rounded('stated_number + stated_half_step') }} as stated_high
    from recomputed

)

select
    claim_id,
    place,
    metric,
    as_printed,
    stated,
    stated_low,
    stated_high,
    unit,
    calculation,
    value as recomputed,
    value_low as recomputed_low,
    value_high as recomputed_high,
    case
        when needs = 'peers' then 'unverifiable'
        when needs = 'local' then 'needs_local_records'
        when n_inputs is null then 'reviewed'
        when not is_complete then 'not_loaded'
        when stated is null then 'derived'
        -- Reproduced: rounded as the document rounds, it is the printed number. A half is rounded up.
        when not is_circular and value >= stated_low and (value < stated_high or stated = value) then 'reproduced'
        when value_low < stated_high and value_high >= stated_low then 'consistent'
        else 'not_reproduced'
    end as verdict,
    coalesce(
        because,
        case
            when not is_complete then 'A return or the population that it needs is not loaded.'
            when not is_circular and value >= stated_low and (value < stated_high or stated = value)
                then 'Worked out again it rounds to what is printed.'
            when value_low < stated_high and value_high >= stated_low
                then 'What is printed lies within the rounding of its inputs.'
            when stated is null then 'Nothing is printed to hold it against.'
            else 'What is printed lies outside the rounding of its inputs.'
        end
    ) as because,
    review,
    nullif(figure_ids, '') as figure_ids
from bounded
