-- Question 33: What do people get: outcomes against our peers, next to what we spend, and which are no longer measured?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set

),

benchmarks as (

    select compared.*
    from {{ ref('mart_benchmark') }} as compared
    inner join asked using (council_code, financial_year, peer_set)
    where compared.basis = 'excluding_flagged' and compared.measure_id like 'ascof_%'

),

found as (

    select count(*) as n_outcomes from benchmarks

),

-- An outcome may be paired with several measures of spending: it is shown once, with the first.
spending as (

    select
        pairs.outcome_measure as measure_id,
        min_by(pairs.spend_measure, pairs.spend_measure) as spend_measure,
        min_by(pairs.spend_per_head, pairs.spend_measure) as spend_per_head,
        min_by(pairs.spend_median, pairs.spend_measure) as spend_median,
        min_by(pairs.quadrant, pairs.spend_measure) as quadrant,
        min_by(pairs.warning, pairs.spend_measure) as warning
    from {{ ref('mart_spend_outcome') }} as pairs
    inner join asked using (council_code, financial_year, peer_set)
    group by pairs.outcome_measure

),

-- The publisher ends measures and begins others.
measures as (

    select
        measure_id,
        max_by(label, comparable_from) as label,
        max_by(unit, comparable_from) as unit,
        max_by(polarity, comparable_from) as polarity,
        min(comparable_from) as first_year,
        max(comparable_to) as last_year
    from {{ ref('dim_measure') }}
    where measure_id like 'ascof_%'
    group by measure_id

),

answers as (

    select
        coalesce(defined.label, measures.label) as outcome,
        coalesce(benchmarks.unit, measures.unit) as unit,
        measures.polarity,
        benchmarks.value,
        benchmarks.median,
        benchmarks.n_peers,
        benchmarks.rank_low,
        benchmarks.n_ranked,
        benchmarks.verdict,
        spending.spend_measure,
        spending.spend_per_head,
        spending.spend_median,
        spending.quadrant,
        spending.warning,
        case
            when benchmarks.value is not null then benchmarks.why_no_statistic
            when measures.last_year < asked.financial_year then concat('not measured after ', measures.last_year)
            when measures.first_year > asked.financial_year then concat('first measured in ', measures.first_year)
            else coalesce(benchmarks.why_no_statistic, 'no figure of this council in the files loaded')
        end as why_not
    from measures
    cross join asked
    cross join found
    left join benchmarks on measures.measure_id = benchmarks.measure_id
    left join {{ ref('dim_measure') }} as defined
        on
            benchmarks.measure_id = defined.measure_id
            and benchmarks.definition_version = defined.definition_version
    left join spending on measures.measure_id = spending.measure_id
    where found.n_outcomes > 0

),

-- Where there is no answer, the reason.
reasons as (

    select
        coalesce(
            max(coverage.reason),
            'No row of this council, year and peer set; marts.mart_coverage says which have one.'
        ) as answer_reason
    from asked
    left join {{ ref('mart_coverage') }} as coverage
        on
            coverage.question_number = 33
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.value is null, answers.quadrant is null, answers.outcome
