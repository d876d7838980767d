-- Question 4: What share of our spend goes to residential and nursing care, compared with our peers and England?
with

asked as (

    select
        '114' as council_code,
        '2007-08' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_residential_nursing_total_expenditure_share_of_client_group' as measure_id

),

answers as (

    select
        benchmarks.value,
        benchmarks.mean as peer_mean,
        benchmarks.median as peer_median,
        benchmarks.rank_low,
        benchmarks.n_ranked,
        benchmarks.england_percentile,
        england.median as england_median,
        england.q1 as england_q1,
        england.q3 as england_q3
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join asked using (council_code, financial_year, peer_set, measure_id)
    inner join {{ ref('mart_group_statistic') }} as england using (financial_year, measure_id, definition_version)
    where benchmarks.basis = 'as_returned' and england.basis = 'as_returned' and england.peer_set = 'england'

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
            coverage.question_number = 4
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
