-- Gross spend as documents print it: what is embedded (seeds/register), or the annex as it was landed last.
with

embedded as (

    select * from {{ ref('programme_spend') }}

),

annex as (

    select * from {{ ref('stg_register__programme_spend') }}

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

)

select
    spend_id,
    council_code,
    council as council_printed,
    programme,
    document,
    section,
    financial_year,
    gross_spend_gbp,
    basis,
    is_primary = 'Y' as is_primary,
    as_printed,
    note
from embedded
where not exists (select 1 from newest)
union all
select
    concat(substr(annex.source_id, 1, 8), ':', cast(annex.row_number as {{ dbt.type_string() }})) as spend_id,
    names.council_code,
    annex.council as council_printed,
    {{ annex_programme() }} as programme,
    {{ annex_document() }} as document,
    annex.section,
    replace(annex.printed_year, '/', '-') as financial_year,
    annex.gross_spend_gbp,
    annex.basis,
    annex.is_primary,
    annex.as_printed,
    annex.note
from annex
inner join newest on annex.source_id = newest.source_id
left join names on {{ plain_name('annex.council') }} = names.printed
