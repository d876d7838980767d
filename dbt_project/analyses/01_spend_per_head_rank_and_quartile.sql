-- Question 1: What do we spend per resident on learning disability, and how do we rank among our peers?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_gross_current_expenditure_per_head' as measure_id

)

select
    benchmarks.value,
    benchmarks.unit,
    benchmarks.mean,
    benchmarks.median,
    benchmarks.rank_low,
    benchmarks.n_ranked,
    benchmarks.quartile_band,
    benchmarks.england_percentile,
    benchmarks.population_status,
    benchmarks.verdict
from marts.mart_benchmark as benchmarks
inner join asked using (council_code, financial_year, peer_set, measure_id)
where benchmarks.basis = 'excluding_flagged'
