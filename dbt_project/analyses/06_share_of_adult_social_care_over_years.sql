-- Question 6: What share of all adult social care spend is learning disability, year by year?
-- All spend by council is in the files from 2007-08 on, gross and net current; 2008-09 to 2013-14 in RO3 only.
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
        trends.definition_version,
        trends.value_cash as per_cent,
        trends.break_before,
        trends.gap_before,
        trends.verdict
    from {{ ref('mart_trend') }} as trends
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    inner join asked
        on
            trends.council_code = asked.council_code
            and measures.age_band = asked.age_band
    where trends.measure_id like 'learning_disability_%_share_of_adult_social_care'

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
            coverage.question_number = 6
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
