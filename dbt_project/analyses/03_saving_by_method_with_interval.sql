-- Question 3: What would each savings method save, within what interval, and how much do year and peers matter?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set

)

select
    savings.measure_id,
    savings.target,
    savings.denominator_rule,
    savings.saving_gbp,
    savings.saving_low_gbp,
    savings.saving_high_gbp,
    savings.earlier_target_saving_gbp,
    savings.lowest_saving_of_sets_gbp,
    savings.highest_saving_of_sets_gbp,
    savings.formula
from marts.mart_saving as savings
inner join asked using (council_code, financial_year, peer_set)
where savings.measure_id like 'learning_disability_gross_current_expenditure_%'
order by savings.measure_id, savings.target, savings.denominator_rule
