-- A council's own value and the mean of all others make up the mean of England, so a comparator that included the
-- council itself would not add up to it.
select
    benchmarks.figure_id,
    benchmarks.basis
from {{ ref('mart_benchmark') }} as benchmarks
inner join {{ ref('mart_group_statistic') }} as england
    on
        benchmarks.financial_year = england.financial_year
        and benchmarks.measure_id = england.measure_id
        and benchmarks.definition_version = england.definition_version
        and benchmarks.basis = england.basis
        and england.peer_set = 'england'
where
    benchmarks.peer_set = 'england'
    and benchmarks.value is not null
    and benchmarks.mean is not null
    and (
        benchmarks.n_peers <> england.n_councils - 1
        or abs(benchmarks.mean * benchmarks.n_peers + benchmarks.value - england.mean * england.n_councils) > 0.001
    )
