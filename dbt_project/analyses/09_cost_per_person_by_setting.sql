-- Question 9: What does supporting one person for a year cost in each setting, in real terms?
with

asked as (

    select
        '114' as council_code,
        '18 to 64' as age_band

),

answers as (

    select
        trends.financial_year,
        trends.measure_id,
        coalesce(measures.label_real, measures.label) as real_terms_label,
        trends.value_cash,
        trends.value_real,
        trends.real_terms_year,
        trends.index_real,
        trends.break_before,
        trends.verdict
    from {{ ref('mart_trend') }} as trends
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    inner join asked
        on
            trends.council_code = asked.council_code
            and measures.age_band = asked.age_band
    where trends.measure_id like 'learning_disability_%_cost_per_person'

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
            coverage.question_number = 9
            and asked.council_code = coverage.council_code
            and coverage.measure_family like 'learning_disability%'
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.measure_id, answers.financial_year
