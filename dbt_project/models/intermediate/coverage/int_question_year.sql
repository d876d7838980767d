-- Every council, year and family of a question, with what is known of it: whether its query has rows, what the returns
-- hold, whether other councils have it, and in which years the definitions of its measures run.
with

families as (

    select * from {{ ref('int_question_family') }}

),

councils as (

    select * from {{ ref('int_coverage_council') }}

),

definitions as (

    select
        question_number,
        measure_family,
        min(comparable_from) as first_year,
        max(comparable_to) as last_year
    from {{ ref('int_question_measure') }}
    group by question_number, measure_family

),

answers as (

    select * from {{ ref('int_question_answer') }}

),

evidence as (

    select * from {{ ref('int_question_evidence') }}

),

elsewhere as (

    select
        question_number,
        measure_family,
        financial_year,
        count(*) as n_councils
    from evidence
    where n_values > 0
    group by question_number, measure_family, financial_year

),

snapshots as (

    select distinct council_code, financial_year from {{ ref('int_snapshot') }}

),

lists as (

    select distinct council_code, financial_year, peer_set from {{ ref('int_membership') }}

)

select
    councils.council_code,
    councils.council,
    councils.financial_year,
    families.question_number,
    families.measure_family,
    families.reads,
    families.peer_set,
    families.nothing_found,
    families.measure_like is null as is_of_placements,
    councils.has_returns_of_councils,
    councils.is_council,
    councils.why_no_council,
    answers.council_code is not null as is_answered,
    snapshots.council_code is not null as has_snapshot,
    families.peer_set is null or lists.council_code is not null as has_peers,
    evidence.release_ids,
    evidence.council_code is not null as has_figures,
    coalesce(evidence.n_values, 0) as n_values,
    coalesce(evidence.n_believed, 0) as n_believed,
    evidence.missing_reasons,
    coalesce(elsewhere.n_councils, 0) as n_councils,
    definitions.first_year,
    definitions.last_year
from families
cross join councils
left join definitions
    on
        families.question_number = definitions.question_number
        and families.measure_family = definitions.measure_family
left join answers
    on
        families.question_number = answers.question_number
        and families.measure_family = answers.measure_family
        and councils.council_code = answers.council_code
        and councils.financial_year = answers.financial_year
left join evidence
    on
        families.question_number = evidence.question_number
        and families.measure_family = evidence.measure_family
        and councils.council_code = evidence.council_code
        and councils.financial_year = evidence.financial_year
left join elsewhere
    on
        families.question_number = elsewhere.question_number
        and families.measure_family = elsewhere.measure_family
        and councils.financial_year = elsewhere.financial_year
left join snapshots
    on councils.council_code = snapshots.council_code and councils.financial_year = snapshots.financial_year
left join lists
    on
        councils.council_code = lists.council_code
        and councils.financial_year = lists.financial_year
        and families.peer_set = lists.peer_set
