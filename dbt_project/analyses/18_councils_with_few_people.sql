-- Question 18: Which councils reported fewer than a given number of people behind a unit cost?
with

asked as (

    select
        '2008-09' as financial_year,
        'learning_disability_nursing_unit_cost' as measure_id,
        '10' as fewer_than

)

select distinct
    variances.council,
    variances.average_people,
    variances.value,
    variances.verdict
from marts.mart_unit_cost_variance as variances
inner join asked using (financial_year, measure_id)
where variances.average_people < cast(asked.fewer_than as integer)
order by variances.average_people
