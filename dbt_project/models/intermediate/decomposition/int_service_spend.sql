{%- set columns = ['financial_year', 'client', 'age_band', 'council_code', 'service', 'spend', 'volume', 'volume_unit',
    'own_spend', 'own_volume', 'others_spend', 'others_volume', 'volume_basis', 'verdict'] %}
-- What each council spends on each service of a client group, with the residents of its age band: services with a
-- volume, services that are paid for and not counted, and the total of the client group where a return has one.
with

unit_costs as (

    select * from {{ ref('int_volume_by_unit_cost') }}

),

lines_with_volume as (

    select * from {{ ref('int_volume_by_line') }}

),

spend_lines as (

    select distinct
        financial_year,
        client,
        age_band,
        service,
        measure_id,
        definition_version
    from {{ ref('int_line') }}
    where
        role = 'value' and quantity = 'total_expenditure' and not is_voluntary and is_composed and not is_net_of_income
        and provision = 'all' and is_leaf
        -- The total of a client group in PSS EX1 is without Supporting People.
        and service not in ('', 'supporting_people')

),

totals as (

    select distinct financial_year, client, age_band, measure_id, definition_version
    from {{ ref('int_spend') }}
    where quantity = 'total_expenditure' and service = ''

),

figures as (

    select * from {{ ref('fct_figure') }} where is_current

),

derived as (

    select * from {{ ref('fct_derived_figure') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

counted as (

    select
        financial_year, client, client_group_label, age_band, council_code, service, spend, volume, volume_unit,
        own_spend, own_volume, others_spend, others_volume,
        case when volume is not null then 'returned' end as volume_basis, verdict
    from unit_costs
    union all
    select
        financial_year, client, client_group_label, age_band, council_code, service, spend, volume, volume_unit,
        own_spend, own_volume, others_spend, others_volume,
        case when volume is not null then volume_basis end as volume_basis, verdict
    from lines_with_volume

),

groups as (

    select distinct financial_year, client, client_group_label, age_band from counted

),

-- Services that are paid for and not counted: equipment, assessment and the like.
uncounted as (

    select
        spend_lines.financial_year,
        spend_lines.client,
        spend_lines.age_band,
        figures.council_code,
        spend_lines.service,
        figures.value as spend,
        figures.verdict
    from spend_lines
    inner join groups
        on
            spend_lines.financial_year = groups.financial_year
            and spend_lines.client = groups.client
            and spend_lines.age_band = groups.age_band
    inner join figures
        on
            spend_lines.financial_year = figures.financial_year
            and spend_lines.measure_id = figures.measure_id
            and spend_lines.definition_version = figures.definition_version
    left join counted
        on
            spend_lines.financial_year = counted.financial_year
            and spend_lines.client = counted.client
            and spend_lines.age_band = counted.age_band
            and spend_lines.service = counted.service
            and figures.council_code = counted.council_code
    where counted.service is null and figures.value is not null

),

services as (

    select {{ columns | join(', ') }}
    from counted
    union all
    select
        financial_year, client, age_band, council_code, service, spend, null as volume, null as volume_unit,
        null as own_spend, null as own_volume, null as others_spend, null as others_volume, null as volume_basis,
        verdict
    from uncounted

),

-- A client group's total, in the years whose files have one.
printed_totals as (

    select
        totals.financial_year,
        totals.client,
        totals.age_band,
        coalesce(printed.council_code, derived.council_code) as council_code,
        coalesce(printed.value, derived.value) as total
    from totals
    left join figures as printed
        on
            totals.financial_year = printed.financial_year
            and totals.measure_id = printed.measure_id
            and totals.definition_version = printed.definition_version
    left join derived
        on
            totals.financial_year = derived.financial_year
            and totals.measure_id = derived.measure_id
            and totals.definition_version = derived.definition_version
    where coalesce(printed.value, derived.value) is not null

),

known as (

    select distinct financial_year, client, age_band, council_code
    from services

),

everything as (

    select {{ columns | join(', ') }}
    from services
    union all
    select
        known.financial_year, known.client, known.age_band, known.council_code, 'total' as service,
        printed_totals.total as spend, null as volume, null as volume_unit, null as own_spend, null as own_volume,
        null as others_spend, null as others_volume, null as volume_basis, null as verdict
    from known
    inner join printed_totals
        on
            known.financial_year = printed_totals.financial_year
            and known.client = printed_totals.client
            and known.age_band = printed_totals.age_band
            and known.council_code = printed_totals.council_code

)

select
    {%- for column in columns %}
    everything.{{ column }},
    {%- endfor %}
    groups.client_group_label,
    population.people,
    population.status as population_status
from everything
inner join groups
    on
        everything.financial_year = groups.financial_year
        and everything.client = groups.client
        and everything.age_band = groups.age_band
inner join population
    on
        everything.financial_year = population.financial_year
        and everything.council_code = population.council_code
        and everything.age_band = population.age_band
