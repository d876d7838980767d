-- Question 16: Which figures changed between two releases of the same year?
with

asked as (

    select
        '114' as council_code

)

select
    restatements.financial_year,
    restatements.measure_id,
    restatements.release_a,
    restatements.release_b,
    restatements.value_a,
    restatements.value_b,
    restatements.delta
from marts.mart_restatement as restatements
inner join asked using (council_code)
order by abs(restatements.delta) desc nulls first
