-- Each printed number that the documents state, next to what it is when worked out again.
with

claims as (

    select * from {{ ref('claim') }}

),

worked_out as (

    select * from {{ ref('int_claim_value') }}

),

stated as (

    select
        claims.*,
        {{ rounded('cast(claims.stated as double) - cast(claims.half_step as double)') }} as stated_low,
        {{ rounded('cast(claims.stated as double) + cast(claims.half_step as double)') }} as stated_high
    from claims

),

-- Reproduced: rounded as the document rounds, it is the printed number. A half is rounded up.
compared as (

    select
        stated.*,
        worked_out.n_inputs,
        worked_out.is_complete,
        worked_out.figure_ids,
        worked_out.value,
        worked_out.value_low,
        worked_out.value_high,
        worked_out.value_with_ons,
        not worked_out.is_circular
        and worked_out.value >= stated.stated_low
        and (worked_out.value < stated.stated_high or stated.stated = worked_out.value) as is_reproduced,
        worked_out.value_low < stated.stated_high and worked_out.value_high >= stated.stated_low as is_consistent
    from stated
    left join worked_out on stated.claim_id = worked_out.claim_id

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
        when is_reproduced then 'reproduced'
        when is_consistent then 'consistent'
        else 'not_reproduced'
    end as verdict,
    coalesce(
        because,
        case
            when not is_complete then 'A return or the population that it needs is not loaded.'
            when stated is null then 'Nothing is printed to hold it against.'
            when is_reproduced then 'Worked out again it rounds to what is printed.'
            when is_consistent then 'What is printed lies within the rounding of its inputs.'
            else 'What is printed lies outside the rounding of its inputs.'
        end
    ) as because,
    review,
    figure_ids,
    part_of,
    value_with_ons as recomputed_with_ons
from compared
