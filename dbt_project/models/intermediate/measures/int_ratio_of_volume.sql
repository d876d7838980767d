-- The ratios of volumes that unit costs are printed for: people per resident, cost per person, shares of own provision
-- and of weeks.
with

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

)

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
