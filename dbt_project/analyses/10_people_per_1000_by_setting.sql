-- Question 10: How many people per 1,000 residents do we support in each setting, compared with our peers?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set

)

select
    benchmarks.measure_id,
    measures.label,
    benchmarks.value,
    benchmarks.mean,
    benchmarks.median,
    benchmarks.rank_low,
    benchmarks.n_ranked,
    benchmarks.population_status
from marts.mart_benchmark as benchmarks
inner join asked using (council_code, financial_year, peer_set)
inner join marts.dim_measure as measures using (measure_id, definition_version)
where
    benchmarks.measure_id like 'learning_disability_%_per_1000'
    and benchmarks.basis = 'as_returned'
order by benchmarks.measure_id
