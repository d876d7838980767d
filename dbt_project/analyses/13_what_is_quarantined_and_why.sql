-- Question 13: Which of our figures are quarantined, and why?
with

asked as (

    select
        '114' as council_code

)

select
    results.financial_year,
    results.measure_id,
    results.rule_id,
    results.observed,
    results.message
from quality.rule_result as results
inner join asked using (council_code)
where results.status = 'fail' and results.severity = 'warning'
order by results.financial_year, results.measure_id, results.rule_id
