-- Sums of current figures. A sum with a part missing is missing: the part is not zero. The reason tells a part that is
-- printed without a number (part_missing) from one that the files loaded do not hold at all (part_of_return).
with

parts as (

    select
        council_code,
        council,
        release_id,
        financial_year,
        measure_key,
        value,
        numerator,
        denominator,
        ruled_value_in_sum as ruled_value,
        ruled_numerator,
        ruled_denominator,
        value_half_step,
        denominator_half_step,
        doubt_in_sum as doubt,
        rule_ids,
        ruling
    from {{ ref('int_derived_part') }}

),

-- Gate A judges totals of spending too, by the id they have as figures.
findings as (

    select
        figure_id,
        max(case severity when 'info' then 1 else 3 end) as doubt,
        {{ joined_list('rule_id') }} as rule_ids
    from {{ ref('int_finding') }}
    where figure_id is not null and rule_id like 'spend_level%'
    group by figure_id

),

sum_parts as (

    select * from {{ ref('int_sum_part') }}

),

expected as (

    select financial_year, measure_key, count(*) as n_parts
    from sum_parts
    group by financial_year, measure_key

),

added as (

    select
        parts.council_code,
        max(parts.council) as council,
        sum_parts.financial_year,
        sum_parts.measure_key,
        max(sum_parts.measure_id) as measure_id,
        max(sum_parts.definition_version) as definition_version,
        max(sum_parts.unit) as unit,
        min(parts.release_id) as first_release_id,
        max(parts.release_id) as last_release_id,
        count(*) as n_held,
        count({{ amount_of('parts', 'sum_parts.part_of') }}) as n_found,
        sum({{ amount_of('parts', 'sum_parts.part_of') }}) as value,
        count({{ amount_of('parts', 'sum_parts.part_of', 'ruled_') }}) as n_ruled,
        sum({{ amount_of('parts', 'sum_parts.part_of', 'ruled_') }}) as ruled_value,
        sum(case when sum_parts.part_of = 'value' then parts.value_half_step else parts.denominator_half_step end)
            as value_half_step,
        max(parts.doubt) as doubt,
        max(parts.rule_ids) as rule_ids,
        max(case when concat(parts.rule_ids, ',') like '%spend_jump,%' then 1 else 0 end) = 1 as has_jump,
        max(parts.ruling) as ruling
    from sum_parts
    inner join parts
        on sum_parts.financial_year = parts.financial_year and sum_parts.part_measure_key = parts.measure_key
    group by parts.council_code, sum_parts.financial_year, sum_parts.measure_key

)

select
    added.council_code,
    added.council,
    added.financial_year,
    added.measure_id,
    added.definition_version,
    added.unit,
    case
        when added.first_release_id = added.last_release_id then added.last_release_id
        else concat(added.first_release_id, ', ', added.last_release_id)
    end as release_id,
    cast(case when added.n_found = expected.n_parts then added.value end as {{ type_decimal() }}) as value,
    cast(case when added.n_ruled = expected.n_parts then added.ruled_value end as {{ type_decimal() }})
        as ruled_value,
    case
        when added.n_held < expected.n_parts then 'part_of_return'
        when added.n_found < expected.n_parts then 'part_missing'
    end as missing_reason,
    cast(added.value_half_step as {{ type_decimal() }}) as value_half_step,
    case when findings.doubt > added.doubt then findings.doubt else added.doubt end as doubt,
    -- A line that jumped is named beside what was found of the total.
    case
        when added.has_jump and concat(coalesce(findings.rule_ids, added.rule_ids), ',') not like '%spend_jump,%'
            then concat(coalesce(findings.rule_ids, added.rule_ids), ', spend_jump')
        else coalesce(findings.rule_ids, added.rule_ids)
    end as rule_ids,
    added.ruling
from added
inner join expected on added.financial_year = expected.financial_year and added.measure_key = expected.measure_key
left join findings
    on concat(added.council_code, ':', added.financial_year, ':', added.measure_id) = findings.figure_id
