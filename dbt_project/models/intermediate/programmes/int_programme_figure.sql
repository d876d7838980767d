-- Other figures as documents print them: what is embedded (seeds/register), and the annex as it was landed last. The
-- cost of one person's case is not held.
with

embedded as (

    select * from {{ ref('programme_figure') }}

),

annex as (

    select * from {{ ref('stg_register__programme_facts') }}

),

files as (

    select
        source_id,
        received_at
    from {{ ref('stg_returns__source_file') }}
    where is_loaded and source_id in (select annex.source_id from annex)

),

newest as (

    select source_id from files order by received_at desc, source_id limit 1

),

names as (

    select printed, council_code from {{ ref('int_council_spelling') }}

),

together as (

    select
        printed_id,
        council_code,
        council as council_printed,
        programme,
        document,
        section,
        measure,
        value,
        unit,
        period,
        as_printed
    from embedded
    where document <> {{ annex_document() }} or not exists (select 1 from newest)
    union all
    select
        concat(substr(annex.source_id, 1, 8), ':', cast(annex.row_number as {{ dbt.type_string() }})) as printed_id,
        names.council_code,
        annex.council as council_printed,
        {{ annex_programme() }} as programme,
        {{ annex_document() }} as document,
        annex.section,
        annex.measure,
        annex.value,
        annex.unit,
        annex.period,
        annex.as_printed
    from annex
    inner join newest on annex.source_id = newest.source_id
    left join names on {{ plain_name('annex.council') }} = names.printed

)

select
    printed_id,
    council_code,
    council_printed,
    programme,
    document,
    section,
    measure,
    case when period not in ('case study', 'one case') then value end as value,
    unit,
    period,
    case when period in ('case study', 'one case') then '(one person: not held)' else as_printed end as as_printed
from together
