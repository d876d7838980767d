-- The families of measures that each question is asked of, for each of the client groups it can be asked about, and
-- the pattern of the ids that its query reads.
{%- set clients = {
    'learning_disability': 'Learning disability', 'mental_health': 'Mental health', 'older_people': 'Older people',
    'physical_disability': 'Physical disability'
} %}
with

asked as (

    select * from {{ ref('question_measure') }}

),

clients as (
    {%- for client, label in clients.items() %}

    select '{{ client }}' as client, '{{ label }}' as client_group
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    asked.question_number,
    coalesce(replace(asked.measure_family, '*', clients.client), asked.measure_family) as measure_family,
    nullif(coalesce(replace(asked.measure_like, '*', clients.client), asked.measure_like), '') as measure_like,
    clients.client_group,
    asked.reads,
    nullif(asked.peer_set, '') as peer_set,
    nullif(asked.nothing_found, '') as nothing_found
from asked
left join clients
    on
        asked.measure_family like '*%'
        -- The queries of placement records ask for one client group.
        and (asked.question_number < 23 or clients.client = 'learning_disability')
