-- Services whose spend and weeks are lines of the same year and whose unit cost is not printed (2016-17): which weeks
-- are added up, and which spend is divided by them. Where the two are of definitions that do not compare (from 2024-25
-- weeks are counted from client-level data) the cost is listed too, so that it is missing with that reason.
with

lines as (

    select distinct
        financial_year, client, client_group_label, age_band, service, service_label, provision, quantity, measure_id,
        definition_version, comparable_from, comparable_to
    from {{ ref('int_line') }}
    where role = 'value' and not is_voluntary and is_composed and not is_net_of_income and measure_id is not null

),

unit_costs as (

    select distinct financial_year, client, age_band, service from {{ ref('int_volume') }} where provision = 'all'

),

weeks as (

    select
        *, -- noqa: AM04
        replace(replace(measure_id, '_own_weeks', ''), '_others_weeks', '') as base_id
    from lines
    where quantity = 'weeks' and provision in ('own', 'others')

)

select
    weeks.financial_year,
    weeks.base_id,
    weeks.client,
    weeks.client_group_label,
    weeks.age_band,
    weeks.service,
    weeks.service_label,
    spending.definition_version,
    weeks.definition_version as weeks_definition_version,
    weeks.comparable_from,
    weeks.comparable_to,
    spending.measure_id as spend_measure_id,
    concat(weeks.base_id, '_total_weeks') as weeks_measure_id,
    weeks.measure_id as part_measure_id
from weeks
inner join lines as spending
    on
        weeks.financial_year = spending.financial_year
        and weeks.client = spending.client
        and weeks.age_band = spending.age_band
        and weeks.service = spending.service
        and spending.quantity = 'total_expenditure'
        and spending.provision = 'all'
left join unit_costs
    on
        weeks.financial_year = unit_costs.financial_year
        and weeks.client = unit_costs.client
        and weeks.age_band = unit_costs.age_band
        and weeks.service = unit_costs.service
where unit_costs.service is null
