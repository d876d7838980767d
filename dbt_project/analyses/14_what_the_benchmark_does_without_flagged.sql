-- Question 14: How do the benchmarks change when flagged figures are left out?
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
        returned.measure_id,
        returned.n_peers,
        believed.n_peers as n_peers_excluding_flagged,
        returned.mean,
        believed.mean as mean_excluding_flagged,
        returned.q1,
        believed.q1 as q1_excluding_flagged,
        returned.rank_low,
        believed.rank_low as rank_low_excluding_flagged
    from {{ ref('mart_benchmark') }} as returned
    inner join {{ ref('dim_measure') }} as measures using (measure_id, definition_version)
    inner join asked
        on
            returned.council_code = asked.council_code
            and returned.financial_year = asked.financial_year
            and returned.peer_set = asked.peer_set
            and measures.age_band = asked.age_band
    inner join {{ ref('mart_benchmark') }} as believed
        on
            asked.council_code = believed.council_code
            and asked.financial_year = believed.financial_year
            and asked.peer_set = believed.peer_set
            and returned.figure_key = believed.figure_key
    where
        returned.basis = 'as_returned' and believed.basis = 'excluding_flagged'
        and returned.measure_id like 'learning_disability_%_unit_cost'
        and returned.n_peers <> believed.n_peers

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
            coverage.question_number = 14
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
