-- Question 17: Which of our series have a break, in which year, and what changed?
with

asked as (

    select
        '114' as council_code

),

answers as (

    select
        trends.measure_id,
        trends.financial_year as breaks_in,
        trends.definition_version,
        measures.label,
        coalesce(definitions.because, concat('Defined anew: ', measures.label)) as because
    from {{ ref('mart_trend') }} as trends
    inner join asked using (council_code)
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    left join {{ ref('dim_definition') }} as definitions
        on
            trends.definition_version = definitions.definition_version
            and trends.financial_year between definitions.comparable_from and definitions.comparable_to
            and coalesce(definitions.client_group_id, '') = ''
            and definitions.family = case
                when trends.measure_id like '%_ro3_%' then 'outturn'
                when trends.measure_id like '%_bridging_%' then 'bridging'
                when trends.measure_id like '%_expenditure%' then 'expenditure'
                when trends.measure_id like '%_31_march%' or trends.measure_id like '%_people%' then 'activity'
                else 'unit_cost'
            end
    where trends.break_before

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
            coverage.question_number = 17
            and asked.council_code = coverage.council_code
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.measure_id, answers.breaks_in
