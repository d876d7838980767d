-- Question 4: What share of our spend goes to residential and nursing care, compared with our peers and England?
with

asked as (

    select
        '114' as council_code,
        '2007-08' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_residential_nursing_total_expenditure_share_of_client_group' as measure_id

)

select
    benchmarks.value,
    benchmarks.mean as peer_mean,
    benchmarks.median as peer_median,
    benchmarks.rank_low,
    benchmarks.n_ranked,
    benchmarks.england_percentile,
    england.median as england_median,
    england.q1 as england_q1,
    england.q3 as england_q3
from marts.mart_benchmark as benchmarks
inner join asked using (council_code, financial_year, peer_set, measure_id)
inner join marts.mart_group_statistic as england using (financial_year, measure_id, definition_version, basis)
where benchmarks.basis = 'as_returned' and england.peer_set = 'england'
