-- Question 5: What would reaching a target share of adult social care save, with total spend held and with it falling?
with

asked as (

    select
        '114' as council_code,
        '2007-08' as financial_year,
        'class' as peer_set

),

answers as (

    select
        savings.measure_id,
        savings.value,
        savings.target_value,
        savings.target_because,
        savings.denominator_rule,
        savings.saving_gbp,
        savings.saving_low_gbp,
        savings.saving_high_gbp,
        savings.formula
    from {{ ref('mart_saving') }} as savings
    inner join asked using (council_code, financial_year, peer_set)
    where savings.target = 'given'

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
            coverage.question_number = 5
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.measure_id, answers.denominator_rule
