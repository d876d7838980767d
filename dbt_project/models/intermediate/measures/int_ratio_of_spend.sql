-- The ratios of spending: per resident, as shares, own provision, and over the weeks that the return counts.
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

groups as (

    select * from {{ ref('client_group') }}

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

weekly_costs as (

    select distinct
        financial_year, base_id, definition_version, client_group_label, age_band, service_label, comparable_from,
        comparable_to, spend_measure_id, weeks_measure_id
    from {{ ref('int_cost_per_week') }}

)

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
    financial_year, 'cost_per_week' as derivation, base_id, definition_version, client_group_label, age_band,
    service_label, 'all' as provision, comparable_from, comparable_to,
    spend_measure_id as numerator_measure_id, 'value' as numerator_of,
    weeks_measure_id as denominator_measure_id, 'value' as denominator_of, false as has_saving
from weekly_costs
