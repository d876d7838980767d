-- Question 19: Which of our peers have a missing, quarantined or unjudged figure, and why?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_day_care_others_unit_cost' as measure_id

),

peers as (

    select
        peers.peer_code,
        peers.peer_rank
    from {{ ref('dim_peer_set') }} as peers
    inner join asked using (council_code, peer_set)
    where asked.financial_year between peers.counts_from and peers.counts_to

),

figures as (

    select
        figures.council_code,
        figures.value,
        figures.value_printed,
        figures.missing_reason,
        figures.verdict,
        figures.rule_ids
    from {{ ref('fct_figure') }} as figures
    inner join asked using (financial_year, measure_id)
    where figures.is_current
    union all
    select
        derived.council_code,
        derived.value,
        null as value_printed,
        derived.missing_reason,
        derived.verdict,
        derived.rule_ids
    from {{ ref('fct_derived_figure') }} as derived
    inner join asked using (financial_year, measure_id)

),

names as (

    select
        council_code,
        max(council) as council
    from {{ ref('dim_council') }}
    group by council_code

),

answers as (

    select
        peers.peer_code,
        peers.peer_rank,
        names.council,
        coalesce(figures.missing_reason, case when figures.council_code is null then 'no figure' end) as missing_reason,
        figures.value,
        figures.value_printed,
        figures.verdict,
        figures.rule_ids
    from peers
    inner join names on peers.peer_code = names.council_code
    left join figures on peers.peer_code = figures.council_code
    where figures.value is null or figures.verdict in ('quarantine', 'unjudged')

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
            coverage.question_number = 19
            and asked.council_code = coverage.council_code
            and asked.financial_year = coverage.financial_year
            and asked.measure_id like concat(coverage.measure_family, '%')
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.peer_rank
