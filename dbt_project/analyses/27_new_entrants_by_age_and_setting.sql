-- Question 27: How many people are new to support, at which age and in which setting?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

),

answers as (

    select
        entrants.financial_year,
        entrants.setting,
        entrants.age_band,
        entrants.people,
        entrants.is_suppressed,
        entrants.is_synthetic
    from {{ ref('mart_new_entrant') }} as entrants
    inner join asked using (council_code, snapshot_date, client_group)

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
            coverage.question_number = 27
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.financial_year, answers.setting, answers.age_band
