-- Question 3: What would each savings method save, within what interval, and how much do year and peers matter?
with

asked as (

    select
        '114' as council_code,
        '2017-18' as financial_year,
        'ons_neighbours' as peer_set,
        '18 to 64' as age_band

),

answers as (

    select
        savings.measure_id,
        savings.target,
        savings.denominator_rule,
        savings.saving_gbp,
        savings.saving_low_gbp,
        savings.saving_high_gbp,
        savings.earlier_target_saving_gbp,
        savings.lowest_saving_of_sets_gbp,
        savings.highest_saving_of_sets_gbp,
        savings.formula
    from {{ ref('mart_saving') }} as savings
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    inner join asked
        on
            savings.council_code = asked.council_code
            and savings.financial_year = asked.financial_year
            and savings.peer_set = asked.peer_set
            and measures.age_band = asked.age_band
    where savings.measure_id like 'learning_disability_gross_current_expenditure_%'

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
            coverage.question_number = 3
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and coverage.measure_family like 'learning_disability%'
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.measure_id, answers.target, answers.denominator_rule
