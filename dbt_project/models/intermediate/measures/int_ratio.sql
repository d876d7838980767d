-- What each derived ratio of a year is made of: which measure is its numerator and its denominator, and whether its
-- value, its numerator or its denominator is taken. The amounts are divided where the figures are judged
-- (fct_derived_figure).
with

ratios as (

    select * from {{ ref('int_ratio_of_spend') }}
    union all
    select * from {{ ref('int_ratio_of_volume') }}
    union all
    select * from {{ ref('int_ratio_of_activity') }}

),

measures as (

    select measure_id, definition_version, label from {{ ref('int_measure') }}

),

spend as (

    select distinct financial_year, measure_id, definition_version, label from {{ ref('int_spend') }}

),

-- A cost per week whose weeks are of another definition.
unlike as (

    select distinct financial_year, spend_measure_id, weeks_measure_id, weeks_definition_version
    from {{ ref('int_cost_per_week') }}
    where weeks_definition_version <> definition_version

),

bands as (

    select distinct age_band from {{ ref('int_population') }} where age_band <> 'Under 18'

)

select
    ratios.financial_year,
    ratios.derivation,
    concat(ratios.base_id, derivations.suffix) as measure_id,
    ratios.definition_version,
    concat(coalesce(measures.label, spend.label), ': ', derivations.words) as label,
    derivations.unit,
    derivations.denominator_unit,
    derivations.scale,
    ratios.client_group_label,
    ratios.age_band,
    ratios.service_label,
    ratios.provision,
    ratios.comparable_from,
    ratios.comparable_to,
    ratios.numerator_measure_id,
    ratios.numerator_of,
    ratios.denominator_measure_id,
    ratios.denominator_of,
    -- Null where it is that of the ratio.
    unlike.weeks_definition_version as denominator_definition_version,
    ratios.has_saving and derivations.has_saving = 'true' as has_saving,
    case when ratios.denominator_of = 'population' then ratios.age_band end as population_age_band,
    -- Weeks divided by the weeks of a year are people.
    ratios.derivation = 'people_per_1000' as is_numerator_of_weeks,
    ratios.derivation = 'cost_per_person' as is_denominator_of_weeks
from ratios
inner join {{ ref('derivation') }} as derivations on ratios.derivation = derivations.derivation
left join measures
    on ratios.numerator_measure_id = measures.measure_id and ratios.definition_version = measures.definition_version
left join spend
    on
        ratios.numerator_measure_id = spend.measure_id
        and ratios.definition_version = spend.definition_version
        and ratios.financial_year = spend.financial_year
left join unlike
    on
        ratios.derivation = 'cost_per_week'
        and ratios.financial_year = unlike.financial_year
        and ratios.numerator_measure_id = unlike.spend_measure_id
        and ratios.denominator_measure_id = unlike.weeks_measure_id
where ratios.denominator_of <> 'population' or ratios.age_band in (select bands.age_band from bands)
