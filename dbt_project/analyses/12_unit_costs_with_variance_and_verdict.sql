-- Question 12: How do our unit costs differ from our peers', and which of them can be trusted?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set,
        '18 to 64' as age_band

),

answers as (

    select
        variances.measure_id,
        variances.value,
        variances.comparator_mean,
        variances.comparator_median,
        variances.variance,
        variances.variance_excluding_flagged,
        variances.average_people,
        variances.verdict,
        variances.rule_ids
    from {{ ref('mart_unit_cost_variance') }} as variances
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    inner join asked
        on
            variances.council_code = asked.council_code
            and variances.financial_year = asked.financial_year
            and variances.peer_set = asked.peer_set
            and measures.age_band = asked.age_band
    where variances.measure_id like 'learning_disability_%'

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
            coverage.question_number = 12
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
order by answers.measure_id
