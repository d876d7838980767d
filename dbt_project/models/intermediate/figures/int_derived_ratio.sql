{#- A view: it is read once, by fct_derived_figure. -#}
{{ config(materialized='view') }}
-- Ratios of current figures and of sums of them, by one another or by the population, with the interval that rounding
-- allows.
with

ratios as (

    select * from {{ ref('int_ratio') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

weeks as (

    {{ parameter('weeks_per_year', 'integer') }}

),

parts as (

    select
        council_code, council, financial_year, measure_id, definition_version, release_id,
        value, numerator, denominator, ruled_value, ruled_numerator, ruled_denominator,
        value_half_step, numerator_half_step, denominator_half_step, doubt, rule_ids, ruling,
        cast(null as {{ dbt.type_string() }}) as missing_reason
    from {{ ref('int_derived_part') }}
    union all
    select
        council_code, council, financial_year, measure_id, definition_version, release_id,
        value, null as numerator, null as denominator, ruled_value, null as ruled_numerator, null as ruled_denominator,
        value_half_step, null as numerator_half_step, null as denominator_half_step, doubt, rule_ids, ruling,
        missing_reason
    from {{ ref('int_derived_sum') }}

),

above as (

    select
        ratios.*,
        parts.council_code,
        parts.council,
        parts.release_id,
        parts.doubt,
        parts.rule_ids,
        parts.ruling,
        parts.missing_reason as numerator_missing_reason,
        case when ratios.is_numerator_of_weeks then weeks.weeks_per_year else 1 end as numerator_divisor,
        case when ratios.is_denominator_of_weeks then weeks.weeks_per_year else 1 end as denominator_divisor,
        {{ amount_of('parts', 'ratios.numerator_of') }} as amount,
        {{ amount_of('parts', 'ratios.numerator_of', 'ruled_') }} as ruled_amount,
        {{ amount_of('parts', 'ratios.numerator_of', suffix='_half_step') }} as amount_half_step
    from ratios
    inner join parts
        on
            ratios.financial_year = parts.financial_year
            and ratios.numerator_measure_id = parts.measure_id
            and ratios.definition_version = parts.definition_version
    cross join weeks

),

{%- set below_amount = amount_of('parts', 'above.denominator_of') %}
{%- set below_half_step = amount_of('parts', 'above.denominator_of', suffix='_half_step') %}
{%- set below_ruled_amount = amount_of('parts', 'above.denominator_of', 'ruled_') %}

paired as (

    select
        above.*,
        {{ ratio('above.amount', 'above.numerator_divisor') }} as numerator,
        {{ ratio('above.ruled_amount', 'above.numerator_divisor') }} as ruled_numerator,
        {{ ratio('above.amount_half_step', 'above.numerator_divisor') }} as numerator_half_step,
        cast(
            case
                when above.denominator_definition_version is not null then null
                when above.denominator_of = 'population' then population.people
                else {{ ratio(below_amount, 'above.denominator_divisor') }}
            end as {{ type_decimal() }}
        ) as denominator,
        cast(
            case
                when above.denominator_definition_version is not null then null
                when above.denominator_of = 'population' then population.people
                else {{ ratio(below_ruled_amount, 'above.denominator_divisor') }}
            end as {{ type_decimal() }}
        ) as ruled_denominator,
        case above.denominator_of
            when 'population' then cast(0 as {{ type_decimal() }})
            else {{ ratio(below_half_step, 'above.denominator_divisor') }}
        end as denominator_half_step,
        population.status as population_status,
        population.{{ adapter.quote('precision') }} as population_precision,
        population.mid_year as population_mid_year,
        population.source as population_source,
        case when parts.doubt > above.doubt then parts.doubt else above.doubt end as doubt_of_both,
        -- A share of a whole that is quarantined says nothing. (Spend is not shared out among residents.)
        coalesce(above.unit = 'per cent' and parts.doubt >= 2, false) as is_base_quarantined,
        case
            when above.denominator_of = 'population' or parts.rule_ids is null then above.rule_ids
            when above.rule_ids is null or above.rule_ids = parts.rule_ids then parts.rule_ids
            else concat(above.rule_ids, ', ', parts.rule_ids)
        end as rule_ids_of_both,
        coalesce(above.ruling, parts.ruling) as ruling_of_both,
        coalesce(
            above.numerator_missing_reason,
            case when above.denominator_definition_version is not null then 'parts_not_comparable' end,
            parts.missing_reason, 'part_missing'
        ) as part_missing_reason
    from above
    left join parts
        on
            above.council_code = parts.council_code
            and above.financial_year = parts.financial_year
            and above.denominator_measure_id = parts.measure_id
            and coalesce(above.denominator_definition_version, above.definition_version) = parts.definition_version
    left join population
        on
            above.council_code = population.council_code
            and above.financial_year = population.financial_year
            and above.population_age_band = population.age_band

),

divided as (

    select
        paired.*,
        case
            when paired.denominator > 0 and not paired.is_base_quarantined
                then {{ ratio('paired.scale * paired.numerator', 'paired.denominator') }}
        end as value,
        case
            when paired.ruled_denominator > 0
                then {{ ratio('paired.scale * paired.ruled_numerator', 'paired.ruled_denominator') }}
        end as ruled_value,
        case
            when paired.denominator > 0 and not paired.is_base_quarantined then
                {{ ratio(
                    'paired.scale * (paired.numerator - paired.numerator_half_step)',
                    'paired.denominator + (case when paired.numerator < paired.numerator_half_step then -1 else 1 end)'
                    ~ ' * paired.denominator_half_step'
                ) }}
        end as value_low,
        case
            when paired.denominator > paired.denominator_half_step and not paired.is_base_quarantined then
                {{ ratio(
                    'paired.scale * (paired.numerator + paired.numerator_half_step)',
                    'paired.denominator + (case when paired.numerator < -paired.numerator_half_step then 1 else -1 end)'
                    ~ ' * paired.denominator_half_step'
                ) }}
        end as value_high
    from paired

)

-- Negative lines (income beyond spend, corrections) can make a part larger than its whole.
select
    divided.*, -- noqa: AM04
    coalesce(divided.unit = 'per cent' and (divided.value < 0 or divided.value > 100), false) as is_no_share
from divided
