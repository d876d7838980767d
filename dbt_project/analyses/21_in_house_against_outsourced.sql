-- Question 21: What do in-house and outsourced support cost us, and how much of our gap is the mix of both?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set,
        'Learning disability' as client_group,
        '18 to 64' as age_band

),

figures as (

    select
        figures.measure_id,
        figures.value
    from {{ ref('fct_figure') }} as figures
    inner join asked using (council_code, financial_year)
    where figures.is_current and figures.measure_id like 'learning_disability_%_unit_cost'

),

answers as (

    select
        decompositions.service,
        own.value as own_unit_cost,
        others.value as others_unit_cost,
        decompositions.own_share_pct,
        decompositions.peer_own_share_pct,
        decompositions.gap_per_head,
        decompositions.volume_effect,
        decompositions.price_effect,
        decompositions.mix_effect,
        decompositions.volume_basis
    from {{ ref('mart_spend_decomposition') }} as decompositions
    inner join asked using (council_code, financial_year, peer_set, client_group, age_band)
    left join figures as own
        on own.measure_id = concat('learning_disability_', decompositions.service, '_own_unit_cost')
    left join figures as others
        on others.measure_id = concat('learning_disability_', decompositions.service, '_others_unit_cost')
    where decompositions.has_mix

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
            coverage.question_number = 21
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
order by answers.service
