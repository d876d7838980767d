-- Question 8: Did residential care or community support grow faster, and was the change gradual?
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
    trends.steps_up,
    trends.steps_down,
    trends.break_before,
    trends.gap_before,
    trends.verdict
from marts.mart_trend as trends
inner join asked using (council_code)
where
    trends.measure_id in (
        'learning_disability_residential_nursing_total_expenditure', 'learning_disability_community_total_expenditure',
        'learning_disability_residential_nursing_total_expenditure_share_of_client_group'
    )
order by trends.measure_id, trends.financial_year
