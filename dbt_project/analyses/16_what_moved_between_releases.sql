-- Question 16: Which figures changed between two releases of the same year?
with

asked as (

    select
        '114' as council_code

),

answers as (

    select
        restatements.financial_year,
        restatements.measure_id,
        restatements.release_a,
        restatements.release_b,
        restatements.value_a,
        restatements.value_b,
        restatements.delta
    from {{ ref('mart_restatement') }} as restatements
    inner join asked using (council_code)

),

-- Where there is no answer, the reason.
reasons as (

    select
        coalesce(
            max_by(coverage.reason, coverage.financial_year),
            'No row of this council in any year; marts.mart_coverage says why, year by year.'
        ) as answer_reason
    from asked
    left join {{ ref('mart_coverage') }} as coverage
        on
            coverage.question_number = 16
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by abs(answers.delta) desc nulls first
