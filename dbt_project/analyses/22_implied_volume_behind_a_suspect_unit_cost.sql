-- Question 22: How many people would the money behind a suspect unit cost pay for, and how many were returned?
with

asked as (

    select
        '114' as council_code

)

select distinct
    variances.financial_year,
    variances.measure_id,
    variances.value,
    variances.england_median,
    variances.peer_ratio,
    variances.sibling_ratio,
    variances.average_people as people_returned,
    variances.implied_volume as people_implied
from marts.mart_unit_cost_variance as variances
inner join asked using (council_code)
where variances.verdict = 'quarantine'
order by variances.financial_year, variances.measure_id
