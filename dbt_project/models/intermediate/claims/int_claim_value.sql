-- A claim is worked out as scale x f1 x f2 x f3 x f4 + shift, where each factor is a sum of weighted inputs, multiplied
-- or divided by; every input has the interval that its rounding allows, and so has the result.
with

claims as (

    select * from {{ ref('claim') }}

),

inputs as (

    select * from {{ ref('int_claim_input') }}

),

counted as (

    select
        claim_id,
        count(*) as n_inputs,
        count(number) as n_found,
        max(case kind when 'shared_population' then 1 else 0 end) as n_shared,
        max(case when kind = 'shared_population' and ons_people is null then 1 else 0 end) as n_without_ons,
        {{ joined_list('figure_id') }} as figure_ids
    from inputs
    group by claim_id

),

factors as (

    select
        claim_id,
        factor,
        max(power) as power,
        sum(weight * number) as number,
        sum(weight * number) - sum(abs(weight) * half_step) as low,
        sum(weight * number) + sum(abs(weight) * half_step) as high,
        sum(weight * coalesce(ons_people, number)) as number_with_ons
    from inputs
    group by claim_id, factor

),

-- Dividing is multiplying by the inverse, which swaps the ends of the interval.
powered as (

    select
        claim_id,
        factor,
        case power when 1 then number else 1 / nullif(number, 0) end as number,
        case power when 1 then low else 1 / nullif(high, 0) end as low,
        case power when 1 then high else 1 / nullif(low, 0) end as high,
        case power when 1 then number_with_ons else 1 / nullif(number_with_ons, 0) end as number_with_ons
    from factors

),

multiplied as (

    select
        claim_id,
        {{ product_of_factors('number') }} as number,
        {{ product_of_factors('low') }} as low,
        {{ product_of_factors('high') }} as high,
        {{ product_of_factors('number_with_ons') }} as number_with_ons
    from powered
    group by claim_id

),

scaled as (

    select
        claims.claim_id,
        counted.n_inputs,
        counted.n_found,
        counted.n_shared,
        counted.n_without_ons,
        counted.figure_ids,
        cast(claims.scale as double) * multiplied.number + cast(claims.shift as double) as number,
        cast(claims.scale as double) * multiplied.low + cast(claims.shift as double) as one_end,
        cast(claims.scale as double) * multiplied.high + cast(claims.shift as double) as other_end,
        cast(claims.scale as double) * multiplied.number_with_ons + cast(claims.shift as double) as number_with_ons
    from claims
    inner join counted on claims.claim_id = counted.claim_id
    inner join multiplied on claims.claim_id = multiplied.claim_id

)

select
    claim_id,
    cast(n_inputs as integer) as n_inputs,
    n_found = n_inputs as is_complete,
    -- Residents deduced from the claims themselves can only show that these agree with each other.
    n_shared = 1 as is_circular,
    nullif(figure_ids, '') as figure_ids,
    case when n_found = n_inputs then {{ rounded('number') }} end as value,
    case when n_found = n_inputs then {{ rounded('case when one_end < other_end then one_end else other_end end') }} end
        as value_low,
    case when n_found = n_inputs then {{ rounded('case when one_end < other_end then other_end else one_end end') }} end
        as value_high,
    case when n_found = n_inputs and n_shared = 1 and n_without_ons = 0 then {{ rounded('number_with_ons') }} end
        as value_with_ons
from scaled
