-- The measures that each family of a question is made of. A question of all measures is not listed measure by measure.
with

families as (

    select * from {{ ref('int_question_family') }} where measure_like <> '%'

),

measures as (

    select measure_id, definition_version, comparable_from, comparable_to from {{ ref('dim_measure') }}

)

select
    families.question_number,
    families.measure_family,
    families.client_group,
    families.reads,
    families.peer_set,
    measures.measure_id,
    min(measures.comparable_from) as comparable_from,
    max(measures.comparable_to) as comparable_to
from families
inner join measures on measures.measure_id like families.measure_like
group by
    families.question_number, families.measure_family, families.client_group, families.reads, families.peer_set,
    measures.measure_id
