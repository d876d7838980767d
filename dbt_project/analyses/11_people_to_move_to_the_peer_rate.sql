-- Question 11: How many fewer people would be in residential care at our peers' rate?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set

)

select
    benchmarks.value as people_per_1000,
    benchmarks.mean as peer_people_per_1000,
    figures.numerator as people,
    figures.denominator as residents,
    greatest(benchmarks.variance_to_mean, 0) * figures.denominator / 1000 as people_to_move,
    figures.population_status
from marts.mart_benchmark as benchmarks
inner join asked using (council_code, financial_year, peer_set)
inner join marts.fct_derived_figure as figures using (figure_id)
where
    benchmarks.measure_id = 'learning_disability_residential_nursing_people_per_1000'
    and benchmarks.basis = 'excluding_flagged'
