-- Question 2: How many pounds are we above or below each benchmark of spend per resident?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_gross_current_expenditure_per_head' as measure_id

),

answers as (

    select
        savings.target,
        savings.value,
        savings.target_value,
        savings.saving_gbp,
        savings.headroom_gbp
    from {{ ref('mart_saving') }} as savings
    inner join asked using (council_code, financial_year, peer_set, measure_id)
    where savings.denominator_rule = 'held'

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
            coverage.question_number = 2
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and asked.measure_id like concat(coverage.measure_family, '%')
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.target_value
