-- What gate A asks of all of England: the published control totals, and spend per head of the adult population.
with

lines as (

    select * from {{ ref('int_line') }} where role = 'value' and is_composed

),

-- Spend is added up over the lines that are no totals of others, as the control totals are.
leaves as (

    select * from lines where quantity = 'gross_current_expenditure' and is_leaf

),

figures as (

    select line_key, council_code, value from {{ ref('int_figure') }}

),

by_release as (

    select
        leaves.release_id,
        leaves.collection,
        leaves.financial_year,
        leaves.coverage,
        count(distinct leaves.client) as n_client_groups,
        sum(figures.value) as all_gbp,
        sum(
            case when leaves.client = 'learning_disability' and leaves.age_band = '18 to 64' then figures.value end
        ) as learning_disability_gbp
    from figures
    inner join leaves on figures.line_key = leaves.line_key
    group by leaves.release_id, leaves.collection, leaves.financial_year, leaves.coverage

),

-- A part of a return is not held to the total of the whole, nor a part of a client group to the client group's.
held as (

    select
        release_id,
        min(case when is_printed then 1 else 0 end) as is_whole,
        min(case when is_printed or client <> 'learning_disability' or age_band <> '18 to 64' then 1 else 0 end)
            as is_learning_disability_whole
    from {{ ref('int_expected_line') }}
    where quantity = 'gross_current_expenditure' and is_leaf
    group by release_id

),

scoped as (

    -- An extract of one client group is not all of it.
    select
        by_release.release_id,
        by_release.collection,
        by_release.financial_year,
        by_release.coverage,
        'all' as scope,
        by_release.all_gbp as amount_gbp
    from by_release
    left join held on by_release.release_id = held.release_id
    where by_release.n_client_groups >= 4 and coalesce(held.is_whole, 1) = 1
    union all
    select
        by_release.release_id,
        by_release.collection,
        by_release.financial_year,
        by_release.coverage,
        'learning_disability' as scope,
        by_release.learning_disability_gbp as amount_gbp
    from by_release
    left join held on by_release.release_id = held.release_id
    where coalesce(held.is_learning_disability_whole, 1) = 1

),

adults as (

    select
        financial_year,
        sum(people) as adults
    from {{ ref('int_population') }}
    where is_current and age_band in ('18 to 64', '65 and over')
    group by financial_year

),

checks as (

    select
        scoped.release_id,
        scoped.financial_year,
        scoped.scope,
        {{ ratio('scoped.amount_gbp', '1000000') }} as amount_gbp_million,
        controls.amount_gbp_million as control_gbp_million,
        controls.source as control_source,
        case
            when controls.amount_gbp_million is not null
                then
                    abs({{ ratio('scoped.amount_gbp', '1000000') }} - controls.amount_gbp_million)
                    - controls.tolerance_gbp_million
        end as control_gap_gbp_million,
        case when scoped.scope = 'all' then case when controls.amount_gbp_million is null then 0 else 1 end end
            as has_control,
        adults.adults,
        case when scoped.scope = 'all' then case when adults.adults is null then 0 else 1 end end as has_population,
        case when scoped.scope = 'all' then {{ ratio('scoped.amount_gbp', 'adults.adults') }} end as spend_per_head_gbp
    from scoped
    left join {{ ref('control_total') }} as controls
        on
            scoped.collection = controls.collection
            and scoped.financial_year = controls.financial_year
            and scoped.scope = controls.scope
    left join adults on scoped.financial_year = adults.financial_year
    where scoped.coverage = 'england' and scoped.amount_gbp is not null

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name,
    {{ no_finding_columns(['figure_id', 'council_code', 'measure_id', 'row_number', 'column_number']) }}
from checks
left join releases on checks.release_id = releases.release_id
