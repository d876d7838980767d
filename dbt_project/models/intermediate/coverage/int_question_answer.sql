-- Of which council and year the query of each question has rows. Each part asks what the query in analyses/ asks, of
-- every council and year at once; tests/models/test_coverage.py holds the two together.
with

families as (

    select * from {{ ref('int_question_family') }}

),

asked as (

    select * from {{ ref('int_question_measure') }}

),

benchmarks as (

    select
        asked.question_number, asked.measure_family, asked.reads, benchmarks.council_code, benchmarks.financial_year,
        benchmarks.figure_id, benchmarks.peer_set, benchmarks.basis, benchmarks.n_peers
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join asked
        on
            benchmarks.measure_id = asked.measure_id
            and asked.reads in ('benchmark', 'changed_benchmark')
            and benchmarks.peer_set = coalesce(asked.peer_set, benchmarks.peer_set)

),

variances as (

    select
        asked.question_number, asked.measure_family, asked.reads, variances.council_code, variances.financial_year,
        variances.average_people
    from {{ ref('mart_unit_cost_variance') }} as variances
    inner join asked
        on
            variances.measure_id = asked.measure_id
            and asked.reads in ('variance', 'few_people')
            and variances.peer_set = coalesce(asked.peer_set, variances.peer_set)

),

-- A question about peers is answered where one of them has no figure, or one that is quarantined
-- or unjudged.
peer_figures as (

    select asked.question_number, asked.measure_family, figures.council_code, figures.financial_year
    from {{ ref('fct_figure') }} as figures
    inner join asked on figures.measure_id = asked.measure_id and asked.reads = 'missing_peer'
    where figures.is_current and figures.value is not null and figures.verdict not in ('quarantine', 'unjudged')
    union
    select asked.question_number, asked.measure_family, figures.council_code, figures.financial_year
    from {{ ref('fct_derived_figure') }} as figures
    inner join asked on figures.measure_id = asked.measure_id and asked.reads = 'missing_peer'
    where figures.value is not null and figures.verdict not in ('quarantine', 'unjudged')

),

years as (

    select distinct financial_year from {{ ref('dim_release') }}

),

peers as (

    select
        families.question_number,
        families.measure_family,
        peers.council_code,
        years.financial_year,
        peers.peer_code
    from {{ ref('dim_peer_set') }} as peers
    inner join years on years.financial_year between peers.counts_from and peers.counts_to
    inner join families on peers.peer_set = families.peer_set and families.reads = 'missing_peer'

),

councils as (

    select distinct council_code from {{ ref('dim_council') }}

),

returned as (

    select question_number, measure_family, council_code, financial_year from benchmarks where reads = 'benchmark'
    union
    select as_returned.question_number, as_returned.measure_family, as_returned.council_code, as_returned.financial_year
    from benchmarks as as_returned
    inner join benchmarks as believed
        on
            as_returned.question_number = believed.question_number
            and as_returned.measure_family = believed.measure_family
            and as_returned.figure_id = believed.figure_id
            and as_returned.peer_set = believed.peer_set
            and as_returned.n_peers <> believed.n_peers
    where as_returned.reads = 'changed_benchmark' and as_returned.basis = 'as_returned'
    union
    select asked.question_number, asked.measure_family, savings.council_code, savings.financial_year
    from {{ ref('mart_saving') }} as savings
    inner join asked
        on savings.measure_id = asked.measure_id and savings.peer_set = asked.peer_set and asked.reads = 'saving'
    union
    select families.question_number, families.measure_family, savings.council_code, savings.financial_year
    from {{ ref('mart_saving') }} as savings
    inner join families on savings.peer_set = families.peer_set and families.reads = 'given_target'
    where savings.target = 'given'
    union
    select asked.question_number, asked.measure_family, trends.council_code, trends.financial_year
    from {{ ref('mart_trend') }} as trends
    inner join asked on trends.measure_id = asked.measure_id and asked.reads = 'trend'
    union
    select families.question_number, families.measure_family, trends.council_code, trends.financial_year
    from {{ ref('mart_trend') }} as trends
    inner join families on families.reads = 'break'
    where trends.break_before
    union
    select question_number, measure_family, council_code, financial_year from variances where reads = 'variance'
    union
    -- Asked of all councils at once.
    select variances.question_number, variances.measure_family, councils.council_code, variances.financial_year
    from variances
    cross join councils
    where variances.reads = 'few_people' and variances.average_people < 10
    union
    select families.question_number, families.measure_family, variances.council_code, variances.financial_year
    from {{ ref('mart_unit_cost_variance') }} as variances
    inner join families on families.reads = 'quarantined'
    where variances.verdict = 'quarantine'
    union
    select families.question_number, families.measure_family, findings.council_code, findings.financial_year
    from {{ ref('int_finding') }} as findings
    inner join families on families.reads = 'finding'
    where findings.severity = 'warning' and findings.council_code is not null
    union
    select families.question_number, families.measure_family, believed.council_code, believed.financial_year
    from {{ ref('mart_believability') }} as believed
    inner join families on families.reads = 'believed'
    union
    select asked.question_number, asked.measure_family, figures.council_code, figures.financial_year
    from {{ ref('fct_derived_figure') }} as figures
    inner join asked on figures.measure_id = asked.measure_id and asked.reads = 'derived'
    union
    select families.question_number, families.measure_family, restatements.council_code, restatements.financial_year
    from {{ ref('mart_restatement') }} as restatements
    inner join families on families.reads = 'restatement'
    union
    select families.question_number, families.measure_family, parts.council_code, parts.financial_year
    from {{ ref('mart_spend_decomposition') }} as parts
    inner join families
        on
            parts.client_group = families.client_group
            and parts.age_band = families.age_band
            and parts.peer_set = families.peer_set
            and families.reads = 'decomposition'
    where parts.has_mix
    union
    select peers.question_number, peers.measure_family, peers.council_code, peers.financial_year
    from peers
    left join peer_figures
        on
            peers.question_number = peer_figures.question_number
            and peers.measure_family = peer_figures.measure_family
            and peers.peer_code = peer_figures.council_code
            and peers.financial_year = peer_figures.financial_year
    where peer_figures.council_code is null

)

select question_number, measure_family, council_code, financial_year from returned
union
select question_number, measure_family, council_code, financial_year from {{ ref('int_question_snapshot') }}
