with

ratios as (

    select * from {{ ref('int_derived_ratio') }}

),

sums as (

    select * from {{ ref('int_derived_sum') }}

)

select
    concat(council_code, ':', financial_year, ':', measure_id) as figure_id,
    council_code,
    council,
    financial_year,
    measure_id,
    definition_version,
    derivation,
    value,
    value_low,
    value_high,
    unit,
    numerator,
    denominator,
    denominator_unit,
    numerator_half_step,
    denominator_half_step,
    case
        when value is not null then null
        when numerator is null then part_missing_reason
        when denominator is null and denominator_of = 'population' then 'population_unknown'
        when denominator is null then part_missing_reason
        when denominator < 0 then 'negative_denominator'
        when denominator = 0 then 'zero_denominator'
        else 'quarantined_denominator'
    end as missing_reason,
    case
        when value is null then 'missing'
        when doubt_of_both = 3 or is_no_share or (ruled_value is null and doubt_of_both < 2) then 'quarantine'
        when doubt_of_both = 2 then 'unjudged'
        when doubt_of_both = 1 then 'warn'
        else 'pass'
    end as verdict,
    case
        when is_no_share and rule_ids_of_both is not null then concat(rule_ids_of_both, ', share_within_whole')
        when is_no_share then 'share_within_whole'
        else rule_ids_of_both
    end as rule_ids,
    ruling_of_both as part_ruling,
    case when value is not null and doubt_of_both < 2 and not is_no_share then ruled_value end as ruled_value,
    case when doubt_of_both < 2 and not is_no_share then ruled_numerator end as ruled_numerator,
    case when doubt_of_both < 2 and not is_no_share then ruled_denominator end as ruled_denominator,
    population_mid_year,
    population_status,
    population_precision,
    population_source,
    release_id as release_ids
from ratios
union all
select
    concat(council_code, ':', financial_year, ':', measure_id) as figure_id,
    council_code,
    council,
    financial_year,
    measure_id,
    definition_version,
    'sum' as derivation,
    value,
    cast(value - value_half_step as {{ type_decimal() }}) as value_low,
    cast(value + value_half_step as {{ type_decimal() }}) as value_high,
    unit,
    cast(null as {{ type_decimal() }}) as numerator,
    cast(null as {{ type_decimal() }}) as denominator,
    cast(null as {{ dbt.type_string() }}) as denominator_unit,
    cast(null as {{ type_decimal() }}) as numerator_half_step,
    cast(null as {{ type_decimal() }}) as denominator_half_step,
    missing_reason,
    case
        when value is null then 'missing'
        when doubt = 3 or (ruled_value is null and doubt < 2) then 'quarantine'
        when doubt = 2 then 'unjudged'
        when doubt = 1 then 'warn'
        else 'pass'
    end as verdict,
    rule_ids,
    ruling as part_ruling,
    case when value is not null and doubt < 2 then ruled_value end as ruled_value,
    cast(null as {{ type_decimal() }}) as ruled_numerator,
    cast(null as {{ type_decimal() }}) as ruled_denominator,
    cast(null as integer) as population_mid_year,
    cast(null as {{ dbt.type_string() }}) as population_status,
    cast(null as {{ dbt.type_string() }}) as population_precision,
    cast(null as {{ dbt.type_string() }}) as population_source,
    release_id as release_ids
from sums
