-- Question 22: How many people would the money behind a suspect unit cost pay for, and how many were returned?
with

asked as (

    select
        '114' as council_code

),

answers as (

    select distinct
        variances.financial_year,
        variances.measure_id,
        variances.value,
        variances.england_median,
        variances.peer_ratio,
        variances.sibling_ratio,
        variances.average_people as people_returned,
        variances.implied_volume as people_implied
    from {{ ref('mart_unit_cost_variance') }} as variances
    inner join asked using (council_code)
    where variances.verdict = 'quarantine'

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
            coverage.question_number = 22
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.financial_year, answers.measure_id
