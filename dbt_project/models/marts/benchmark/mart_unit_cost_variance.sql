-- The benchmark of a unit cost in both bases side by side, with what its checks found. Unsuffixed comparators are as
-- returned; *_excluding_flagged leave out quarantined figures and apply rulings, so that a suspect 588 is neither
-- dropped nor believed without a warning.
with

checks as (

    select * from {{ ref('int_check_figure') }}

),

figures as (

    select figures.*
    from {{ ref('fct_figure') }} as figures
    inner join checks on figures.figure_id = checks.figure_id
    where figures.is_current

),

benchmarks as (

    select benchmarks.*
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join checks on benchmarks.figure_id = checks.figure_id

),

as_returned as (

    select * from benchmarks where basis = 'as_returned'

),

excluding_flagged as (

    select * from benchmarks where basis = 'excluding_flagged'

)

select
    as_returned.figure_id,
    as_returned.council_code,
    as_returned.council,
    as_returned.financial_year,
    as_returned.measure_id,
    as_returned.definition_version,
    as_returned.peer_set,
    as_returned.peer_set_version,
    figures.value,
    as_returned.unit,
    as_returned.n_peers,
    as_returned.mean as comparator_mean,
    as_returned.weighted_mean as comparator_weighted,
    as_returned.median as comparator_median,
    as_returned.lowest as lowest_peer,
    as_returned.highest as highest_peer,
    as_returned.variance_to_mean as variance,
    as_returned.variance_pct,
    excluding_flagged.n_peers as n_peers_excluding_flagged,
    excluding_flagged.mean as comparator_mean_excluding_flagged,
    excluding_flagged.weighted_mean as comparator_weighted_excluding_flagged,
    excluding_flagged.median as comparator_median_excluding_flagged,
    excluding_flagged.variance_to_mean as variance_excluding_flagged,
    as_returned.why_no_statistic as why_no_comparator,
    checks.peer_ratio,
    checks.sibling_ratio,
    checks.england_median,
    checks.england_n,
    -- Where a unit cost does not recompute either part may be wrong, and people worked out from it would be too.
    case when coalesce(figures.rule_ids, '') not like '%unit_cost_recomputes%' then checks.average_people end
        as average_people,
    case when coalesce(figures.rule_ids, '') not like '%unit_cost_recomputes%' then checks.implied_people end
        as implied_volume,
    figures.verdict,
    figures.rule_ids,
    figures.ruling,
    figures.release_id
from as_returned
inner join checks on as_returned.figure_id = checks.figure_id
inner join figures on as_returned.figure_id = figures.figure_id
inner join excluding_flagged
    on as_returned.figure_id = excluding_flagged.figure_id and as_returned.peer_set = excluding_flagged.peer_set
