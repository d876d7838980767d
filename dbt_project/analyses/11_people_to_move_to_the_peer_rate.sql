-- Question 11: How many fewer people would be in residential care at our peers' rate?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set

),

answers as (

    select
        benchmarks.value as people_per_1000,
        benchmarks.mean as peer_people_per_1000,
        figures.numerator as people,
        figures.denominator as residents,
        greatest(benchmarks.variance_to_mean, 0) * figures.denominator / 1000 as people_to_move,
        figures.population_status
    from {{ ref('mart_benchmark') }} as benchmarks
    inner join asked using (council_code, financial_year, peer_set)
    inner join {{ ref('fct_derived_figure') }} as figures using (figure_id)
    where
        benchmarks.measure_id = 'learning_disability_residential_nursing_people_per_1000'
        and benchmarks.basis = 'excluding_flagged'

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
            coverage.question_number = 11
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
