-- Question 32: How far can this comparison be believed?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year

),

answers as (

    select
        believed.measure_id,
        believed.value,
        believed.unit,
        believed.rank_in_england,
        believed.n_ranked,
        believed.quartile_band,
        believed.n_years_in_quarter,
        believed.n_years_of_record,
        believed.still_there_next_year_pct,
        believed.still_there_three_years_on_pct,
        believed.noise_pct,
        believed.reliability,
        believed.usual_low,
        believed.usual_high,
        believed.rank_low,
        believed.rank_high,
        believed.in_quarter_pct,
        believed.n_saving,
        believed.n_ways,
        needs.rank_with_need,
        needs.n_councils as n_ranked_with_need,
        needs.quartile_with_need,
        needs.r2_left_out,
        believed.sentence,
        needs.sentence as need_sentence
    from {{ ref('mart_believability') }} as believed
    inner join asked using (council_code, financial_year)
    left join {{ ref('mart_need_adjusted') }} as needs using (figure_id)

),

-- Where there is no answer, the reason.
reasons as (

    select
        coalesce(
            max(coverage.reason),
            'No row of this council and year; marts.mart_coverage says which have one.'
        ) as answer_reason
    from asked
    left join {{ ref('mart_coverage') }} as coverage
        on
            coverage.question_number = 32
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
order by answers.measure_id
