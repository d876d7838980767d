-- What gate B asks of the marts, release by release; published too, for it says in one row what a release is worth.
with

figures as (

    select * from {{ ref('fct_figure') }}

),

releases as (

    select * from {{ ref('dim_release') }}

),

checks as (

    select release_id, n_lines_printed, n_voluntary_not_sent from {{ ref('int_check_release') }}

),

variances as (

    select
        release_id,
        sum(
            case
                when
                    comparator_mean not between lowest_peer and highest_peer
                    or comparator_median not between lowest_peer and highest_peer
                    then 1
                else 0
            end
        ) as n_comparators_outside
    from {{ ref('mart_unit_cost_variance') }}
    group by release_id

),

-- Of a share whose parts are of two releases, the first counts.
shares as (

    select
        releases.release_id,
        count(*) as n_shares_outside
    from {{ ref('fct_derived_figure') }} as derived
    inner join releases
        on
            derived.release_ids = releases.release_id
            or derived.release_ids like concat(releases.release_id, ', %')
    where derived.rule_ids like '%share_within_whole'
    group by releases.release_id

),

counted as (

    select
        release_id,
        count(*) as n_figures,
        count(value) as n_values,
        sum(case when verdict = 'pass' then 1 else 0 end) as n_pass,
        sum(case when verdict = 'warn' then 1 else 0 end) as n_warn,
        sum(case when verdict = 'quarantine' then 1 else 0 end) as n_quarantine,
        sum(case when verdict = 'missing' then 1 else 0 end) as n_missing,
        sum(case when verdict = 'unjudged' then 1 else 0 end) as n_without_rule,
        count(distinct council_code) as n_councils,
        sum(
            case
                when
                    unit is null or verdict is null or council is null
                    or (value is null and missing_reason is null)
                    or (value is not null and missing_reason is not null)
                    then 1
                else 0
            end
        ) as n_unjudged
    from figures
    group by release_id

)

select
    releases.release_id,
    releases.collection,
    releases.financial_year,
    releases.coverage,
    releases.file_name,
    coalesce(counted.n_councils, 0) as n_councils,
    coalesce(counted.n_figures, 0) as n_figures,
    coalesce(counted.n_values, 0) as n_values,
    coalesce(counted.n_pass, 0) as n_pass,
    coalesce(counted.n_warn, 0) as n_warn,
    coalesce(counted.n_quarantine, 0) as n_quarantine,
    coalesce(counted.n_missing, 0) as n_missing,
    coalesce(counted.n_without_rule, 0) as n_without_rule,
    {{ ratio('100 * counted.n_quarantine', 'counted.n_values') }} as quarantined_pct,
    coalesce(counted.n_unjudged, 0) as n_unjudged,
    coalesce(checks.n_voluntary_not_sent, 0) as n_voluntary_not_sent,
    coalesce(checks.n_lines_printed, 0) - coalesce(counted.n_figures, 0) as n_lines_lost,
    coalesce(variances.n_comparators_outside, 0) as n_comparators_outside,
    coalesce(shares.n_shares_outside, 0) as n_shares_outside
from releases
left join counted on releases.release_id = counted.release_id
left join checks on releases.release_id = checks.release_id
left join variances on releases.release_id = variances.release_id
left join shares on releases.release_id = shares.release_id
