-- Question 1: What do we spend per resident on learning disability, and how do we rank among our peers?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_gross_current_expenditure_per_head' as measure_id

),

answers as (

    select
        benchmarks.value,
        benchmarks.unit,
        benchmarks.mean,
        benchmarks.median,
        benchmarks.rank_low,
        benchmarks.n_ranked,
        benchmarks.quartile_band,
        benchmarks.england_percentile,
        benchmarks.population_status,
        benchmarks.verdict
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join asked using (council_code, financial_year, peer_set, measure_id)
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
            coverage.question_number = 1
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
