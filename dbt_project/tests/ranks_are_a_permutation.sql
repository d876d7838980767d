-- Among all councils of England each rank from 1 to the last is one council's, and so every quarter has a council in
-- it.
select
    financial_year,
    measure_id,
    basis
from {{ ref('mart_benchmark') }}
where peer_set = 'england' and rank_low is not null
group by financial_year, measure_id, basis
having
    count(distinct rank_low) <> count(*)
    or min(rank_low) <> 1
    or max(rank_low) <> count(*)
    or max(n_ranked) <> count(*)
    or min(quartile_band) <> 1
    or max(quartile_band) <> 4
    or count(distinct quartile_band) <> 4
