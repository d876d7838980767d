-- Question 30: How many people are placed out of area or part-funded by the NHS, at which weekly price?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

),

answers as (

    select
        subsets.subset,
        subsets.setting,
        subsets.band_order,
        subsets.band,
        subsets.people,
        subsets.annual_cost_gbp,
        subsets.is_suppressed,
        subsets.is_synthetic
    from {{ ref('mart_placement_subset') }} as subsets
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
            coverage.question_number = 30
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.subset, answers.setting, answers.band_order
