-- Question 20: How does the answer change under another peer set?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'learning_disability_gross_current_expenditure_per_head' as measure_id

)

select
    benchmarks.peer_set,
    benchmarks.peer_set_version,
    benchmarks.n_peers,
    benchmarks.mean,
    benchmarks.median,
    benchmarks.q1,
    benchmarks.lowest_quartile_mean,
    benchmarks.rank_low,
    benchmarks.n_ranked,
    benchmarks.variance_to_mean,
    benchmarks.why_no_statistic
from marts.mart_benchmark as benchmarks
inner join asked using (council_code, financial_year, measure_id)
where benchmarks.basis = 'excluding_flagged'
order by benchmarks.peer_set
