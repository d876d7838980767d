-- Question 13: Which of our figures are quarantined, and why?
with

asked as (

    select
        '114' as council_code

),

answers as (

    select
        results.financial_year,
        results.measure_id,
        results.rule_id,
        results.observed,
        results.message
    from {{ source('gate', 'rule_result') }} as results
    inner join asked using (council_code)
    where results.status = 'fail' and results.severity = 'warning'

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
            coverage.question_number = 13
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.financial_year, answers.measure_id, answers.rule_id
