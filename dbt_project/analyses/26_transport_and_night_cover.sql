-- Question 26: What do transport and night cover cost, and what could technology and travel training save?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

),

answers as (

    select
        opportunities.opportunity,
        opportunities.label,
        opportunities.people,
        opportunities.annual_cost_gbp,
        opportunities.assumption,
        opportunities.saving_gbp,
        opportunities.formula,
        opportunities.is_synthetic
    from {{ ref('mart_local_opportunity') }} as opportunities
    inner join asked using (council_code, snapshot_date, client_group)
    where opportunities.opportunity in ('transport', 'sleep_in', 'waking_night', 'assistive_technology')

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
            coverage.question_number = 26
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.opportunity, answers.assumption
