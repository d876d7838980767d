-- Which part of a client group's spend its services in the decomposition are. From 2008-09 to 2013-14 only the services
-- with a unit cost are in the council's returns, and no total is: the revenue outturn (RO3) of the year has one, by a
-- separate account.
with

services as (

    select * from {{ ref('int_service_spend') }}

),

outturn_totals as (

    select distinct financial_year, client, age_band, measure_id, definition_version
    from {{ ref('int_line') }}
    where role = 'value' and quantity = 'ro3_total_expenditure' and service = '' and provision = 'all'

),

outturns as (

    select
        outturn_totals.financial_year,
        outturn_totals.client,
        outturn_totals.age_band,
        figures.council_code,
        figures.value
    from outturn_totals
    inner join {{ ref('fct_figure') }} as figures
        on
            outturn_totals.financial_year = figures.financial_year
            and outturn_totals.measure_id = figures.measure_id
            and outturn_totals.definition_version = figures.definition_version
    where figures.is_current and figures.value > 0

),

summed as (

    select
        financial_year,
        council_code,
        client,
        age_band,
        {{ joined_list("case when service <> 'total' then service end") }} as services_covered,
        sum(case when service <> 'total' then spend end) as spend,
        max(case when service = 'total' then spend end) as returned_total
    from services
    group by financial_year, council_code, client, age_band

)

select
    summed.financial_year,
    summed.council_code,
    summed.client,
    summed.age_band,
    summed.services_covered,
    case
        when summed.returned_total > 0 then {{ ratio('100 * summed.spend', 'summed.returned_total') }}
        when summed.returned_total is null then {{ ratio('100 * summed.spend', 'outturns.value') }}
    end as spend_covered_pct,
    case
        when summed.returned_total is not null then 'total of the return'
        when outturns.value is not null then 'revenue outturn (RO3)'
    end as spend_covered_of
from summed
left join outturns
    on
        summed.financial_year = outturns.financial_year
        and summed.council_code = outturns.council_code
        and summed.client = outturns.client
        and summed.age_band = outturns.age_band
