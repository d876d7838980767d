-- Question 12: How do our unit costs differ from our peers', and which of them can be trusted?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set

)

select
    variances.measure_id,
    variances.value,
    variances.comparator_mean,
    variances.comparator_median,
    variances.variance,
    variances.variance_excluding_flagged,
    variances.average_people,
    variances.verdict,
    variances.rule_ids
from marts.mart_unit_cost_variance as variances
inner join asked using (council_code, financial_year, peer_set)
where variances.measure_id like 'learning_disability_%'
order by variances.measure_id
