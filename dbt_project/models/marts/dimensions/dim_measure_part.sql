with

sum_parts as (

    select * from {{ ref('int_sum_part') }}

),

ratios as (

    select * from {{ ref('int_ratio') }}

),

weeks as (

    {{ parameter('weeks_per_year', 'integer') }}

)

select
    financial_year,
    measure_id,
    definition_version,
    'sum' as derivation,
    'summand' as role,
    part_of,
    part_measure_id,
    part_definition_version,
    cast(1 as integer) as divided_by,
    cast(1 as integer) as scale
from sum_parts
union all
select
    ratios.financial_year,
    ratios.measure_id,
    ratios.definition_version,
    ratios.derivation,
    'numerator' as role,
    ratios.numerator_of as part_of,
    ratios.numerator_measure_id as part_measure_id,
    ratios.definition_version as part_definition_version,
    case when ratios.is_numerator_of_weeks then weeks.weeks_per_year else 1 end as divided_by,
    ratios.scale
from ratios
cross join weeks
union all
select
    ratios.financial_year,
    ratios.measure_id,
    ratios.definition_version,
    ratios.derivation,
    'denominator' as role,
    ratios.denominator_of as part_of,
    coalesce(ratios.denominator_measure_id, concat('population ', ratios.age_band)) as part_measure_id,
    case when ratios.denominator_of <> 'population' then ratios.definition_version end as part_definition_version,
    case when ratios.is_denominator_of_weeks then weeks.weeks_per_year else 1 end as divided_by,
    ratios.scale
from ratios
cross join weeks
