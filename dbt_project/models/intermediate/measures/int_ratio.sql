-- What each derived ratio of a year is made of: which measure is its numerator and its denominator, and whether its
-- value, its numerator or its denominator is taken. The amounts are divided where the figures are judged
-- (fct_derived_figure).
with

-- Service by service councils are compared in gross current expenditure, which every file of lines prints; total and
-- net expenditure only by client group and setting.
spend as (

    select distinct
        financial_year,
        client,
        client_group_label,
        age_band,
        service,
        service_label,
        quantity,
        measure_id,
        definition_version,
        label,
        comparable_from,
        comparable_to,
        -- Savings are of whole client groups and settings, in gross spend: net spend moves with income.
        quantity in ('total_expenditure', 'gross_current_expenditure')
        and service in ('', 'residential_nursing', 'community') as has_saving
    from {{ ref('int_spend') }}
    where quantity = 'gross_current_expenditure' or service in ('', 'residential_nursing', 'community')

),

measures as (

    select measure_id, definition_version, label from {{ ref('int_measure') }}

),

groups as (

    select * from {{ ref('client_group') }}

),

bands as (

    select distinct age_band from {{ ref('int_population') }} where age_band <> 'Under 18'

),

own_provision as (

    select distinct
        financial_year,
        client,
        client_group_label,
        age_band,
        service_label,
        replace(measure_id, '_own_provision', '_total_expenditure') as whole_measure_id,
        measure_id,
        definition_version,
        comparable_from,
        comparable_to
    from {{ ref('int_line') }}
    where role = 'value' and quantity = 'own_provision' and not is_voluntary and measure_id is not null

),

volumes as (

    select * from {{ ref('int_volume') }}

),

weekly as (

    select * from volumes where is_of_weeks and not is_net_of_income

),

own_parts as (

    select
        whole.financial_year,
        whole.measure_id as whole_measure_id,
        whole.definition_version,
        whole.client_group_label,
        whole.age_band,
        whole.service_label,
        whole.comparable_from,
        whole.comparable_to,
        whole.is_of_weeks,
        own.measure_id as own_measure_id
    from {{ ref('measure_part') }} as parts
    inner join volumes as whole on parts.whole_measure_id = whole.measure_id
    inner join volumes as own
        on
            parts.part_measure_id = own.measure_id
            and whole.financial_year = own.financial_year
            and whole.definition_version = own.definition_version
    where parts.kind = 'complete' and own.provision = 'own'

),

weeks as (

    select
        financial_year,
        client,
        client_group_label,
        age_band,
        measure_id,
        definition_version,
        max(comparable_from) as comparable_from,
        min(comparable_to) as comparable_to
    from {{ ref('int_sum_part') }}
    where quantity = 'support_weeks'
    group by financial_year, client, client_group_label, age_band, measure_id, definition_version

),

counted as (

    select distinct
        lines.financial_year,
        lines.measure_id,
        lines.definition_version,
        measures.label,
        measures.client_group as client_group_label,
        measures.age_band,
        measures.service as service_label,
        measures.provision,
        measures.unit,
        measures.comparable_from,
        measures.comparable_to,
        lines.is_composed
    from {{ ref('int_line') }} as lines
    inner join {{ ref('int_measure') }} as measures
        on lines.measure_id = measures.measure_id and lines.definition_version = measures.definition_version
    where lines.role = 'value' and not lines.is_voluntary and lines.family = 'activity'

),

ratios as (

    select
        financial_year, 'per_head' as derivation, measure_id as base_id, definition_version, client_group_label,
        age_band, service_label, 'all' as provision, comparable_from, comparable_to,
        measure_id as numerator_measure_id, 'value' as numerator_of,
        cast(null as {{ dbt.type_string() }}) as denominator_measure_id, 'population' as denominator_of, has_saving
    from spend
    union all
    select
        part.financial_year, 'share_of_adult_social_care' as derivation, part.measure_id as base_id,
        part.definition_version, part.client_group_label, part.age_band, part.service_label, 'all' as provision,
        part.comparable_from, part.comparable_to,
        part.measure_id as numerator_measure_id, 'value' as numerator_of,
        whole.measure_id as denominator_measure_id, 'value' as denominator_of, part.has_saving
    from spend as part
    inner join groups on part.client = groups.client_group and groups.is_total = 'false'
    inner join spend as whole
        on
            part.financial_year = whole.financial_year
            and part.quantity = whole.quantity
            and part.definition_version = whole.definition_version
            and whole.client = 'adult_social_care'
            and whole.service = ''
    where part.service = '' and part.age_band <> 'Under 18'
    union all
    select
        part.financial_year, 'share_of_client_group' as derivation, part.measure_id as base_id,
        part.definition_version, part.client_group_label, part.age_band, part.service_label, 'all' as provision,
        part.comparable_from, part.comparable_to,
        part.measure_id as numerator_measure_id, 'value' as numerator_of,
        whole.measure_id as denominator_measure_id, 'value' as denominator_of, part.has_saving
    from spend as part
    inner join spend as whole
        on
            part.financial_year = whole.financial_year
            and part.quantity = whole.quantity
            and part.client = whole.client
            and part.age_band = whole.age_band
            and part.definition_version = whole.definition_version
            and whole.service = ''
    where part.service in ('residential_nursing', 'community')
    union all
    select
        own_provision.financial_year, 'own_provision_share' as derivation, spend.measure_id as base_id,
        own_provision.definition_version, own_provision.client_group_label, own_provision.age_band,
        own_provision.service_label, 'own' as provision, own_provision.comparable_from, own_provision.comparable_to,
        own_provision.measure_id as numerator_measure_id, 'value' as numerator_of,
        spend.measure_id as denominator_measure_id, 'value' as denominator_of, false as has_saving
    from own_provision
    inner join spend
        on
            own_provision.financial_year = spend.financial_year
            and own_provision.whole_measure_id = spend.measure_id
            and own_provision.definition_version = spend.definition_version
    union all
    select
        financial_year, 'people_per_1000' as derivation, replace(measure_id, '_unit_cost', '') as base_id,
        definition_version, client_group_label, age_band, service_label, provision, comparable_from, comparable_to,
        measure_id as numerator_measure_id, 'denominator' as numerator_of,
        cast(null as {{ dbt.type_string() }}) as denominator_measure_id, 'population' as denominator_of,
        false as has_saving
    from weekly
    union all
    select
        financial_year, 'cost_per_person' as derivation, replace(measure_id, '_unit_cost', '') as base_id,
        definition_version, client_group_label, age_band, service_label, provision, comparable_from, comparable_to,
        measure_id as numerator_measure_id, 'numerator' as numerator_of,
        measure_id as denominator_measure_id, 'denominator' as denominator_of, false as has_saving
    from weekly
    union all
    select
        financial_year, 'own_share_of_weeks' as derivation, replace(whole_measure_id, '_unit_cost', '') as base_id,
        definition_version, client_group_label, age_band, service_label, 'own' as provision, comparable_from,
        comparable_to,
        own_measure_id as numerator_measure_id, 'denominator' as numerator_of,
        whole_measure_id as denominator_measure_id, 'denominator' as denominator_of, false as has_saving
    from own_parts
    where is_of_weeks
    union all
    select
        financial_year, 'own_share_of_spend' as derivation, replace(whole_measure_id, '_unit_cost', '') as base_id,
        definition_version, client_group_label, age_band, service_label, 'own' as provision, comparable_from,
        comparable_to,
        own_measure_id as numerator_measure_id, 'numerator' as numerator_of,
        whole_measure_id as denominator_measure_id, 'numerator' as denominator_of, false as has_saving
    from own_parts
    union all
    select
        weeks.financial_year, 'share_of_weeks' as derivation, concat(weeks.client, '_residential_nursing') as base_id,
        weeks.definition_version, weeks.client_group_label, weeks.age_band, volumes.service_label, 'all' as provision,
        weeks.comparable_from, weeks.comparable_to,
        volumes.measure_id as numerator_measure_id, 'denominator' as numerator_of,
        weeks.measure_id as denominator_measure_id, 'value' as denominator_of, false as has_saving
    from weeks
    inner join volumes
        on
            weeks.financial_year = volumes.financial_year
            and weeks.client = volumes.client
            and weeks.age_band = volumes.age_band
            and volumes.measure_id = concat(weeks.client, '_residential_nursing_unit_cost')
    union all
    select
        financial_year, 'people_counted_per_1000' as derivation, measure_id as base_id, definition_version,
        client_group_label, age_band, service_label, provision, comparable_from, comparable_to,
        measure_id as numerator_measure_id, 'value' as numerator_of,
        cast(null as {{ dbt.type_string() }}) as denominator_measure_id, 'population' as denominator_of,
        false as has_saving
    from counted
    where unit in ('people', 'people a week')
    union all
    select
        counted.financial_year, 'people_per_1000' as derivation, replace(counted.measure_id, '_weeks', '') as base_id,
        counted.definition_version, counted.client_group_label, counted.age_band, counted.service_label,
        counted.provision, counted.comparable_from, counted.comparable_to,
        counted.measure_id as numerator_measure_id, 'value' as numerator_of,
        cast(null as {{ dbt.type_string() }}) as denominator_measure_id, 'population' as denominator_of,
        false as has_saving
    from counted
    left join weekly
        on
            counted.financial_year = weekly.financial_year
            and replace(counted.measure_id, '_weeks', '_unit_cost') = weekly.measure_id
    where counted.is_composed and counted.unit = 'person-weeks' and weekly.measure_id is null

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
where ratios.denominator_of <> 'population' or ratios.age_band in (select bands.age_band from bands)
