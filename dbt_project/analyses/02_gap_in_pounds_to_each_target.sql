-- Question 2: How many pounds are we above or below each benchmark of spend per resident?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_gross_current_expenditure_per_head' as measure_id

)

select
    savings.target,
    savings.value,
    savings.target_value,
    savings.saving_gbp,
    savings.headroom_gbp
from marts.mart_saving as savings
inner join asked using (council_code, financial_year, peer_set, measure_id)
where savings.denominator_rule = 'held'
order by savings.target_value
