-- What came of reviewing packages, by opportunity and issue, and how much of each opportunity is still to be reviewed.
-- A line of the council's own export stands for the package that it is part of.
with

reviews as (

    select
        *,
        -- A review that two files report, or that was put right, counts once.
        row_number() over (
            partition by council_code, snapshot_date, export_name, export_row, issue
            order by reviewed_on desc, source_id desc
        ) as rank_newest
    from {{ ref('stg_register__case_reviews') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

lines as (

    select * from {{ ref('int_placement_line') }} where rejected_by is null and is_current

),

packages as (

    select * from {{ ref('int_package') }}

),

candidates as (

    select packages.* from {{ ref('int_review_package') }} as packages
    inner join {{ ref('opportunity') }} as kinds on packages.opportunity = kinds.opportunity

),

opportunities as (

    select opportunity, label from {{ ref('opportunity') }}
    union all
    select 'any' as opportunity, 'All packages' as label

),

issues as (

    select issue, words from {{ ref('case_issue') }}
    union all
    select 0 as issue, 'All issues' as words

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

matched as (

    select
        snapshots.snapshot_id,
        lines.person_key,
        lines.client_group,
        lines.setting_group,
        reviews.issue,
        reviews.outcome,
        (reviews.weekly_before_gbp - coalesce(reviews.weekly_after_gbp, case reviews.outcome when 'ended' then 0 end))
        * weeks.weeks_per_year as saving_gbp,
        reviews.reviewed_on
    from reviews
    inner join snapshots
        on reviews.council_code = snapshots.council_code and reviews.snapshot_date = snapshots.snapshot_date
    cross join weeks
    left join lines
        on
            snapshots.snapshot_id = lines.snapshot_id
            and reviews.export_name = snapshots.file_name
            and reviews.export_row = lines.row_number
    where reviews.rank_newest = 1

),

begun as (

    select
        snapshot_id,
        cast(sum(case when person_key is null then 1 else 0 end) as integer) as unmatched_rows
    from matched
    group by snapshot_id

),

-- A package that was reviewed for several issues was reviewed once, and what the last of them found is what it saved.
found as (

    select
        *,
        row_number() over (
            partition by snapshot_id, person_key, client_group, setting_group, issue
            order by reviewed_on desc, outcome asc
        ) as rank_of_issue
    from (
        select snapshot_id, person_key, client_group, setting_group, issue, outcome, saving_gbp, reviewed_on
        from matched
        union all
        select snapshot_id, person_key, client_group, setting_group, 0 as issue, outcome, saving_gbp, reviewed_on
        from matched
    ) as each_issue
    where person_key is not null

),

cohort as (

    select
        candidates.snapshot_id, candidates.person_key, candidates.client_group, candidates.setting_group,
        candidates.opportunity
    from candidates
    inner join begun on candidates.snapshot_id = begun.snapshot_id
    union all
    select
        packages.snapshot_id, packages.person_key, packages.client_group, packages.setting_group,
        'any' as opportunity
    from packages
    inner join begun on packages.snapshot_id = begun.snapshot_id

),

sizes as (

    select snapshot_id, client_group, opportunity, count(*) as n_packages
    from cohort
    group by snapshot_id, client_group, opportunity

),

results as (

    select
        cohort.snapshot_id,
        cohort.client_group,
        cohort.opportunity,
        found.issue,
        count(*) as n_reviewed,
        sum(case when found.outcome <> 'unchanged' then 1 else 0 end) as n_found,
        sum(found.saving_gbp) as saving_gbp
    from cohort
    inner join found
        on
            cohort.snapshot_id = found.snapshot_id
            and cohort.person_key = found.person_key
            and cohort.client_group = found.client_group
            and cohort.setting_group = found.setting_group
            and found.rank_of_issue = 1
    group by cohort.snapshot_id, cohort.client_group, cohort.opportunity, found.issue

)

select
    sizes.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    sizes.client_group,
    sizes.opportunity,
    opportunities.label,
    issues.issue,
    issues.words as issue_words,
    cast(sizes.n_packages as integer) as packages,
    cast(coalesce(results.n_reviewed, 0) as integer) as reviewed,
    cast(coalesce(results.n_found, 0) as integer) as found,
    cast(results.saving_gbp as {{ type_decimal() }}) as saving_gbp,
    cast(case issues.issue when 0 then sizes.n_packages - coalesce(results.n_reviewed, 0) end as integer) as to_do,
    cast(
        case issues.issue
            when 0 then 100.0 * (sizes.n_packages - coalesce(results.n_reviewed, 0)) / sizes.n_packages
        end
        as {{ type_decimal() }}
    ) as to_do_pct,
    begun.unmatched_rows,
    snapshots.is_synthetic
from sizes
inner join begun on sizes.snapshot_id = begun.snapshot_id
inner join snapshots on sizes.snapshot_id = snapshots.snapshot_id
inner join opportunities on sizes.opportunity = opportunities.opportunity
cross join issues
left join results
    on
        sizes.snapshot_id = results.snapshot_id
        and sizes.client_group = results.client_group
        and sizes.opportunity = results.opportunity
        and issues.issue = results.issue
where issues.issue = 0 or results.n_reviewed > 0
