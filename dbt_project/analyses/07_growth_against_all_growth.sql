-- Question 7: How fast did spend on each client group grow, in cash and in real terms?
with

asked as (

    select
        '114' as council_code

)

select
    trends.financial_year,
    trends.measure_id,
    trends.value_cash,
    trends.index_cash,
    trends.index_real,
    trends.yoy_pct,
    trends.yoy_real_pct,
    trends.break_before,
    trends.gap_before,
    trends.verdict
from marts.mart_trend as trends
inner join asked using (council_code)
where
    trends.measure_id in (
        'learning_disability_gross_current_expenditure', 'older_people_gross_current_expenditure',
        'mental_health_gross_current_expenditure', 'physical_disability_gross_current_expenditure',
        'adult_social_care_gross_current_expenditure'
    )
order by trends.measure_id, trends.financial_year
