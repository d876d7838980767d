-- Question 15: Which printed cells is a derived figure made of?
-- A printed figure names its own cell; `carequartile lineage` shows both kinds.
with

asked as (

    select
        '114:2008-09:learning_disability_residential_people_per_1000' as figure_id

),

answers as (

    select
        parts.role,
        parts.part_of,
        parts.part_measure_id,
        parts.divided_by,
        printed.value_printed,
        printed.file_name,
        printed.sheet,
        printed.row_number,
        printed.column_number
    from {{ ref('fct_derived_figure') }} as derived
    inner join asked using (figure_id)
    inner join {{ ref('dim_measure_part') }} as parts using (financial_year, measure_id, definition_version)
    left join {{ ref('fct_figure') }} as printed
        on
            derived.council_code = printed.council_code
            and derived.financial_year = printed.financial_year
            and parts.part_measure_id = printed.measure_id
            and parts.part_definition_version = printed.definition_version
            and printed.is_current

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
            coverage.question_number = 15
            and asked.figure_id like concat(
                coverage.council_code, ':', coverage.financial_year, ':', coverage.measure_family, '%'
            )
            and not coverage.is_answered
    having (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.role desc, answers.part_measure_id
