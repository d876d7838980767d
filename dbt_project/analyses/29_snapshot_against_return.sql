-- Question 29: Do our placement records agree with the return we filed?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

),

answers as (

    select
        reconciled.financial_year,
        reconciled.item,
        reconciled.unit,
        reconciled.return_value,
        reconciled.snapshot_value,
        reconciled.difference_pct,
        reconciled.verdict,
        reconciled.is_synthetic
    from {{ ref('mart_reconciliation') }} as reconciled
    inner join asked
        on
            reconciled.council_code = asked.council_code
            and reconciled.client_group = asked.client_group
            and reconciled.snapshot_date = asked.snapshot_date

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
            coverage.question_number = 29
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.item
