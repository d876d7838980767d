-- What the returns hold of each family of measures in each council and year: how many figures have a value, how many of
-- those are believed, why the others have none, and which releases they are of. Counted before the names are put in a
-- list, which is dear.
with

asked as (

    select question_number, measure_family, measure_id from {{ ref('int_question_measure') }}

),

every_measure as (

    select question_number, measure_family from {{ ref('int_question_family') }} where measure_like = '%'

),

figures as (

    select
        council_code, financial_year, measure_id, release_id, missing_reason,
        value is not null as has_value,
        ruled_value is not null as is_believed
    from {{ ref('fct_figure') }}
    where is_current
    union all
    select
        council_code, financial_year, measure_id, release_ids as release_id, missing_reason,
        value is not null as has_value,
        ruled_value is not null as is_believed
    from {{ ref('fct_derived_figure') }}

),

-- A question of all measures rests on every release of the council.
releases as (

    select
        council_code,
        financial_year,
        release_id,
        max(case when has_value then 1 else 0 end) as n_values
    from figures
    group by council_code, financial_year, release_id

),

families as (

    select
        asked.question_number,
        asked.measure_family,
        figures.council_code,
        figures.financial_year,
        figures.release_id,
        figures.missing_reason,
        sum(case when figures.has_value then 1 else 0 end) as n_values,
        sum(case when figures.is_believed then 1 else 0 end) as n_believed
    from figures
    inner join asked on figures.measure_id = asked.measure_id
    group by
        asked.question_number, asked.measure_family, figures.council_code, figures.financial_year, figures.release_id,
        figures.missing_reason
    union all
    select
        every_measure.question_number,
        every_measure.measure_family,
        releases.council_code,
        releases.financial_year,
        releases.release_id,
        cast(null as {{ dbt.type_string() }}) as missing_reason,
        releases.n_values,
        releases.n_values as n_believed
    from releases
    cross join every_measure

)

select
    question_number,
    measure_family,
    council_code,
    financial_year,
    {{ joined_list('release_id') }} as release_ids,
    cast(sum(n_values) as integer) as n_values,
    cast(sum(n_believed) as integer) as n_believed,
    {{ joined_list('missing_reason') }} as missing_reasons
from families
group by question_number, measure_family, council_code, financial_year
