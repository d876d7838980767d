-- Question 9: What does supporting one person for a year cost in each setting, in real terms?
with

asked as (

    select
        '114' as council_code

)

select
    trends.financial_year,
    trends.measure_id,
    trends.value_cash,
    trends.value_real,
    trends.real_terms_year,
    trends.index_real,
    trends.break_before,
    trends.verdict
from marts.mart_trend as trends
inner join asked using (council_code)
where trends.measure_id like 'learning_disability_%_cost_per_person'
order by trends.measure_id, trends.financial_year
