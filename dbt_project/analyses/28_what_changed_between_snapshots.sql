-- Question 28: Who started, left, moved, changed provider or changed price since the snapshot before?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

),

answers as (

    select
        drift.from_date,
        drift.to_date,
        drift.change,
        drift.people,
        drift.weekly_cost_change_gbp,
        drift.is_suppressed,
        drift.is_synthetic
    from {{ ref('mart_placement_drift') }} as drift
    inner join asked
        on
            drift.council_code = asked.council_code
            and drift.client_group = asked.client_group
            and drift.to_date = asked.snapshot_date

),

-- Where there is no answer, the reason.
reasons as (

    select
        coalesce(
            max_by(coverage.reason, coverage.financial_year),
            'No placement records of this council and day are in this copy. Next: carequartile ask --local'
        ) as answer_reason
    from asked
    left join {{ ref('mart_coverage') }} as coverage
        on
            coverage.question_number = 28
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.from_date, answers.change
