-- Question 20: How does the answer change under another peer set?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'learning_disability_gross_current_expenditure_per_head' as measure_id

),

answers as (

    select
        benchmarks.peer_set,
        benchmarks.peer_set_version,
        benchmarks.n_peers,
        benchmarks.mean,
        benchmarks.median,
        benchmarks.q1,
        benchmarks.lowest_quartile_mean,
        benchmarks.rank_low,
        benchmarks.n_ranked,
        benchmarks.variance_to_mean,
        benchmarks.why_no_statistic
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join asked using (council_code, financial_year, measure_id)
    where benchmarks.basis = 'excluding_flagged'

),

-- Where there is no answer, the reason.
reasons as (

    select
        coalesce(
            max(coverage.reason),
            'No row of this council, year, peer set and measure; marts.mart_coverage says which have one.'
        ) as answer_reason
    from asked
    left join {{ ref('mart_coverage') }} as coverage
        on
            coverage.question_number = 20
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and asked.measure_id like concat(coverage.measure_family, '%')
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.peer_set
