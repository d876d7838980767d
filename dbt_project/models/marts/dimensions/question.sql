-- The questions with their queries, so that the published file can be asked by those who have nothing else.
with

questions as (

    {% for one in questions() -%}
    select
        {{ one.number }} as question_number,
        {{ text_literal(one.words) }} as question,
        {{ text_literal(one.query) }} as query
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as integer) as question_number,
        cast(null as {{ dbt.type_string() }}) as question,
        cast(null as {{ dbt.type_string() }}) as query
    {% endfor -%}

)

select
    question_number,
    question,
    query
from questions
