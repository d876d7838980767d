-- The services of a client group whose spend is one line of a return and whose volume is in others: weeks of own
-- provision and of provision by others; or, where only an hourly rate is returned, the hours that the spend buys at it.
-- These hours are imputed: the rate is of all adults, and is taken for each client group.
with

lines as (

    select distinct
        financial_year, client, client_group_label, age_band, service, provision, quantity, measure_id,
        definition_version, is_leaf
    from {{ ref('int_line') }}
    where role = 'value' and not is_voluntary and is_composed and not is_net_of_income

),

figures as (

    select * from {{ ref('fct_figure') }} where is_current

),

unit_costs as (

    select distinct financial_year, client, age_band, service from {{ ref('int_volume') }} where provision = 'all'

),

spending as (

    select lines.*
    from lines
    left join unit_costs
        on
            lines.financial_year = unit_costs.financial_year
            and lines.client = unit_costs.client
            and lines.age_band = unit_costs.age_band
            and lines.service = unit_costs.service
    where
        lines.quantity = 'total_expenditure' and lines.provision = 'all' and lines.is_leaf
        and lines.service not in ('', 'supporting_people') and unit_costs.service is null

),

spent as (

    select
        spending.*,
        figures.council_code,
        figures.value as spend,
        figures.verdict
    from spending
    inner join figures
        on
            spending.financial_year = figures.financial_year
            and spending.measure_id = figures.measure_id
            and spending.definition_version = figures.definition_version
    where figures.value is not null

),

-- What is returned beside the spend of a service, own provision and provision by others apart. A rate that is not
-- believed gives no hours.
beside as (

    select
        lines.financial_year,
        figures.council_code,
        lines.client,
        lines.age_band,
        lines.service,
        {%- for provision in ['own', 'others'] %}
        max(case when lines.provision = '{{ provision }}' and lines.quantity = 'weeks' then 1 else 0 end)
            as has_{{ provision }}_weeks,
        {%- for column, quantity, value in [
            ('weeks', 'weeks', 'value'), ('rate', 'hourly_rate', 'ruled_value')
        ] %}
        max(
            case
                when lines.provision = '{{ provision }}' and lines.quantity = '{{ quantity }}'
                    then figures.{{ value }}
            end
        ) as {{ provision }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        max(case when lines.quantity = 'own_provision' then figures.value end) as own_spend,
        max(case when lines.quantity = 'provision_by_others' then figures.value end) as others_spend,
        max(case when lines.quantity = 'weeks' and figures.verdict = 'quarantine' then 1 else 0 end) = 1
            as has_quarantined_weeks
    from lines
    inner join figures
        on
            lines.financial_year = figures.financial_year
            and lines.measure_id = figures.measure_id
            and lines.definition_version = figures.definition_version
    where lines.quantity in ('weeks', 'hourly_rate', 'own_provision', 'provision_by_others')
    group by lines.financial_year, figures.council_code, lines.client, lines.age_band, lines.service

),

by_weeks as (

    select
        spent.*,
        beside.own_weeks as own_volume,
        beside.others_weeks as others_volume,
        -- Nursing has no weeks of own provision; where a line is returned and empty, the volume is not known.
        case
            when beside.has_own_weeks = 0 then beside.others_weeks
            else beside.own_weeks + beside.others_weeks
        end as volume,
        beside.has_quarantined_weeks
    from spent
    inner join beside
        on
            spent.financial_year = beside.financial_year
            and spent.council_code = beside.council_code
            and spent.client = beside.client
            and spent.age_band = beside.age_band
            and spent.service = beside.service
    where beside.has_own_weeks + beside.has_others_weeks > 0

),

by_hours as (

    select
        spent.*,
        {%- for provision in ['own', 'others'] %}
        case
            when beside.{{ provision }}_spend = 0 then cast(0 as {{ type_decimal() }})
            when beside.{{ provision }}_spend > 0 and rates.{{ provision }}_rate > 0
                then {{ ratio('beside.' ~ provision ~ '_spend', 'rates.' ~ provision ~ '_rate') }}
        end as {{ provision }}_volume,
        {%- endfor %}
        beside.own_spend,
        beside.others_spend
    from spent
    inner join beside
        on
            spent.financial_year = beside.financial_year
            and spent.council_code = beside.council_code
            and spent.client = beside.client
            and spent.age_band = beside.age_band
            and spent.service = beside.service
    inner join beside as rates
        on
            spent.financial_year = rates.financial_year
            and spent.council_code = rates.council_code
            and rates.client = 'all_adults'
            and spent.service = rates.service
            and coalesce(rates.own_rate, rates.others_rate) is not null
    where beside.has_own_weeks + beside.has_others_weeks = 0

)

select
    financial_year, client, client_group_label, age_band, service, council_code, spend, volume,
    'person-weeks' as volume_unit,
    -- Spend is not returned by provision where weeks are.
    cast(null as {{ type_decimal() }}) as own_spend, own_volume, cast(null as {{ type_decimal() }}) as others_spend,
    others_volume, 'returned' as volume_basis,
    case when has_quarantined_weeks then 'quarantine' else verdict end as verdict
from by_weeks
union all
select
    financial_year, client, client_group_label, age_band, service, council_code, spend,
    cast(own_volume + others_volume as {{ type_decimal() }}) as volume, 'hours' as volume_unit, own_spend, own_volume,
    others_spend, others_volume, 'imputed' as volume_basis, verdict
from by_hours
