-- Question 7: How fast did spend on each client group grow, in cash and in real terms?
with

asked as (

    select
        '114' as council_code

),

answers as (

    select
        trends.financial_year,
        trends.measure_id,
        coalesce(measures.label_real, measures.label) as real_terms_label,
        trends.value_cash,
        trends.value_real,
        trends.index_cash,
        trends.index_real,
        trends.yoy_pct,
        trends.yoy_real_pct,
        trends.break_before,
        trends.gap_before,
        trends.verdict
    from {{ ref('mart_trend') }} as trends
    inner join asked using (council_code)
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    where
        trends.measure_id in (
            'learning_disability_gross_current_expenditure', 'older_people_gross_current_expenditure',
            'mental_health_gross_current_expenditure', 'physical_disability_gross_current_expenditure',
            'adult_social_care_gross_current_expenditure'
        )

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
            coverage.question_number = 7
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.measure_id, answers.financial_year
