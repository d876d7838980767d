{%- set is_believed = "figures.verdict <> 'quarantine' and coalesce(figures.ruling, '') <> 'correct'" -%}
with

figures as (

    select * from {{ ref('fct_figure') }} where is_current

),

unit_costs as (

    select figure_id, numerator_half_step, denominator_half_step from {{ ref('int_unit_cost') }}

),

sum_parts as (

    select * from {{ ref('int_sum_part') }}

),

ratios as (

    select * from {{ ref('int_ratio') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

weeks as (

    select cast(number as integer) as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

needed as (

    select financial_year, part_measure_id as measure_id, part_definition_version as definition_version from sum_parts
    union
    select financial_year, numerator_measure_id, definition_version from ratios
    union
    select financial_year, denominator_measure_id, definition_version from ratios where denominator_of <> 'population'

),

-- A quarantined part leaves nothing to believe; a corrected unit cost says nothing of which of its parts was wrong. One
-- of nothing bought for nothing has no value, and yet its parts are true zeros.
printed as (

    select
        figures.council_code,
        figures.council,
        figures.financial_year,
        figures.measure_id,
        figures.definition_version,
        figures.release_id,
        figures.value,
        figures.numerator,
        figures.denominator,
        figures.ruled_value,
        case when {{ is_believed }} then figures.numerator end as ruled_numerator,
        case when {{ is_believed }} then figures.denominator end as ruled_denominator,
        figures.half_step as value_half_step,
        unit_costs.numerator_half_step,
        unit_costs.denominator_half_step,
        case figures.verdict when 'quarantine' then 2 when 'warn' then 1 else 0 end as doubt,
        figures.rule_ids,
        figures.ruling
    from figures
    inner join needed
        on
            figures.financial_year = needed.financial_year
            and figures.measure_id = needed.measure_id
            and figures.definition_version = needed.definition_version
    left join unit_costs on figures.figure_id = unit_costs.figure_id

),

expected as (

    select financial_year, measure_id, definition_version, count(*) as n_parts
    from sum_parts
    group by financial_year, measure_id, definition_version

),

added as (

    select
        printed.council_code,
        max(printed.council) as council,
        sum_parts.financial_year,
        sum_parts.measure_id,
        sum_parts.definition_version,
        max(sum_parts.unit) as unit,
        min(printed.release_id) as first_release_id,
        max(printed.release_id) as last_release_id,
        count({{ amount_of('printed', 'sum_parts.part_of') }}) as n_found,
        sum({{ amount_of('printed', 'sum_parts.part_of') }}) as value,
        count({{ amount_of('printed', 'sum_parts.part_of', 'ruled_') }}) as n_ruled,
        sum({{ amount_of('printed', 'sum_parts.part_of', 'ruled_') }}) as ruled_value,
        sum(case when sum_parts.part_of = 'value' then printed.value_half_step else printed.denominator_half_step end)
            as value_half_step,
        max(printed.doubt) as doubt,
        max(printed.rule_ids) as rule_ids,
        max(printed.ruling) as ruling
    from sum_parts
    inner join printed
        on
            sum_parts.financial_year = printed.financial_year
            and sum_parts.part_measure_id = printed.measure_id
            and sum_parts.part_definition_version = printed.definition_version
    group by printed.council_code, sum_parts.financial_year, sum_parts.measure_id, sum_parts.definition_version

),

-- A sum with a part missing is missing: the part is not zero.
sums as (

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
        cast(added.value_half_step as {{ type_decimal() }}) as value_half_step,
        added.doubt,
        added.rule_ids,
        added.ruling
    from added
    inner join expected
        on
            added.financial_year = expected.financial_year
            and added.measure_id = expected.measure_id
            and added.definition_version = expected.definition_version

),

parts as (

    select
        council_code, council, financial_year, measure_id, definition_version, release_id,
        value, numerator, denominator, ruled_value, ruled_numerator, ruled_denominator,
        value_half_step, numerator_half_step, denominator_half_step, doubt, rule_ids, ruling
    from printed
    union all
    select
        council_code, council, financial_year, measure_id, definition_version, release_id,
        value, null as numerator, null as denominator, ruled_value, null as ruled_numerator, null as ruled_denominator,
        value_half_step, null as numerator_half_step, null as denominator_half_step, doubt, rule_ids, ruling
    from sums

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
            case above.denominator_of
                when 'population' then population.people
                else {{ ratio(below_amount, 'above.denominator_divisor') }}
            end as {{ type_decimal() }}
        ) as denominator,
        cast(
            case above.denominator_of
                when 'population' then population.people
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
        case
            when above.denominator_of = 'population' or parts.rule_ids is null then above.rule_ids
            when above.rule_ids is null or above.rule_ids = parts.rule_ids then parts.rule_ids
            else concat(above.rule_ids, ', ', parts.rule_ids)
        end as rule_ids_of_both,
        coalesce(above.ruling, parts.ruling) as ruling_of_both
    from above
    left join parts
        on
            above.council_code = parts.council_code
            and above.financial_year = parts.financial_year
            and above.denominator_measure_id = parts.measure_id
            and above.definition_version = parts.definition_version
    left join population
        on
            above.council_code = population.council_code
            and above.financial_year = population.financial_year
            and above.population_age_band = population.age_band

),

divided as (

    select
        paired.*,
        case when paired.denominator > 0 then {{ ratio('paired.scale * paired.numerator', 'paired.denominator') }} end
            as value,
        case
            when paired.ruled_denominator > 0
                then {{ ratio('paired.scale * paired.ruled_numerator', 'paired.ruled_denominator') }}
        end as ruled_value,
        case
            when paired.denominator > 0 then
                {{ ratio(
                    'paired.scale * (paired.numerator - paired.numerator_half_step)',
                    'paired.denominator + (case when paired.numerator < paired.numerator_half_step then -1 else 1 end)'
                    ~ ' * paired.denominator_half_step'
                ) }}
        end as value_low,
        case
            when paired.denominator > paired.denominator_half_step then
                {{ ratio(
                    'paired.scale * (paired.numerator + paired.numerator_half_step)',
                    'paired.denominator + (case when paired.numerator < -paired.numerator_half_step then 1 else -1 end)'
                    ~ ' * paired.denominator_half_step'
                ) }}
        end as value_high
    from paired

),

-- Negative lines (income beyond spend, corrections) can make a part larger than its whole.
told as (

    select
        divided.*,
        coalesce(divided.unit = 'per cent' and (divided.value < 0 or divided.value > 100), false) as is_no_share
    from divided

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
        when numerator is null then 'part_missing'
        when denominator is null and denominator_of = 'population' then 'population_unknown'
        when denominator is null then 'part_missing'
        else 'zero_denominator'
    end as missing_reason,
    case
        when value is null then 'missing'
        when doubt_of_both >= 2 or ruled_value is null or is_no_share then 'quarantine'
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
from told
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
    case when value is null then 'part_missing' end as missing_reason,
    case
        when value is null then 'missing'
        when doubt >= 2 or ruled_value is null then 'quarantine'
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
