-- Question 24: What do the most expensive placements cost, and what would a reduction of 10% or 20% save?
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
        opportunities.threshold,
        opportunities.people,
        opportunities.annual_cost_gbp,
        opportunities.assumption,
        opportunities.saving_gbp,
        opportunities.formula,
        opportunities.is_synthetic
    from {{ ref('mart_local_opportunity') }} as opportunities
    inner join asked using (council_code, snapshot_date, client_group)
    where opportunities.opportunity in ('high_cost', 'high_cost_community', 'nhs_share')

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
            coverage.question_number = 24
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
