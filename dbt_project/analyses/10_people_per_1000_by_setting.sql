-- Question 10: How many people per 1,000 residents do we support in each setting, compared with our peers?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set,
        '18 to 64' as age_band

),

answers as (

    select
        benchmarks.measure_id,
        measures.label,
        benchmarks.value,
        benchmarks.mean,
        benchmarks.median,
        benchmarks.rank_low,
        benchmarks.n_ranked,
        benchmarks.population_status
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    inner join asked
        on
            benchmarks.council_code = asked.council_code
            and benchmarks.financial_year = asked.financial_year
            and benchmarks.peer_set = asked.peer_set
            and measures.age_band = asked.age_band
    where
        benchmarks.measure_id like 'learning_disability_%_per_1000'
        and benchmarks.basis = 'as_returned'

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
            coverage.question_number = 10
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and coverage.measure_family like 'learning_disability%'
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.measure_id
