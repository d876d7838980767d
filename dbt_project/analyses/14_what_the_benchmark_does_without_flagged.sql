-- Question 14: How do the benchmarks change when flagged figures are left out?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set

)

select
    returned.measure_id,
    returned.n_peers,
    believed.n_peers as n_peers_excluding_flagged,
    returned.mean,
    believed.mean as mean_excluding_flagged,
    returned.q1,
    believed.q1 as q1_excluding_flagged,
    returned.rank_low,
    believed.rank_low as rank_low_excluding_flagged
from marts.mart_benchmark as returned
inner join asked using (council_code, financial_year, peer_set)
inner join marts.mart_benchmark as believed using (figure_id, peer_set)
where
    returned.basis = 'as_returned' and believed.basis = 'excluding_flagged'
    and returned.measure_id like 'learning_disability_%_unit_cost'
    and returned.n_peers <> believed.n_peers
order by returned.measure_id
