-- Question 18: Which councils reported fewer than a given number of people behind a unit cost?
with

asked as (

    select
        '2008-09' as financial_year,
        'learning_disability_nursing_unit_cost' as measure_id,
        '10' as fewer_than

),

answers as (

    select distinct
        variances.council,
        variances.average_people,
        variances.value,
        variances.verdict
    from {{ ref('mart_unit_cost_variance') }} as variances
    inner join asked using (financial_year, measure_id)
    where variances.average_people < cast(asked.fewer_than as integer)

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
            coverage.question_number = 18
            and asked.financial_year = coverage.financial_year
            and asked.measure_id like concat(coverage.measure_family, '%')
            and coverage.reason_code in ('none_found', 'not_loaded', 'not_collected', 'series_broke')
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.average_people
