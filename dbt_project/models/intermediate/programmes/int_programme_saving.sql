-- Savings as documents print them: those embedded (seeds/register), and those landed. A document that is landed
-- replaces the embedded one; of several files of one document the one received last counts.
{%- set kept = ['theme', 'description', 'amount_gbp', 'period', 'status', 'scope', 'amount_basis', 'qualifier',
    'as_printed', 'note'] %}
with

embedded as (

    select * from {{ ref('programme_saving') }}

),

registers as (

    select * from {{ ref('stg_register__programme_registers') }}

),

annex as (

    select * from {{ ref('stg_register__programme_savings') }}

),

files as (

    select source_id, file_name, sha256, received_at from {{ ref('stg_returns__source_file') }} where is_loaded

),

names as (

    select printed, council_code from {{ ref('int_council_spelling') }}

),

together as (

    select
        saving_id, council_code, council, programme, document, section, low_gbp, high_gbp,
        {{ kept | join(', ') }}, cast(null as {{ dbt.type_string() }}) as source_id, cast(null as integer) as row_number
    from embedded
    union all
    select
        saving_id, council_code, council, programme, document, section, low_gbp, high_gbp,
        {{ kept | join(', ') }}, source_id, row_number
    from registers
    union all
    select
        cast(null as {{ dbt.type_string() }}), cast(null as {{ dbt.type_string() }}), council, {{ annex_programme() }},
        {{ annex_document() }}, cast(section_no as {{ dbt.type_string() }}), cast(null as {{ type_decimal() }}),
        cast(null as {{ type_decimal() }}), {{ kept | join(', ') }}, source_id, row_number
    from annex

),

ranked as (

    select
        together.*,
        files.file_name,
        files.sha256,
        coalesce(together.council_code, names.council_code) as matched_code,
        dense_rank() over (
            partition by together.document
            order by case when files.source_id is null then 1 else 0 end, files.received_at desc, together.source_id
        ) as rank_of_file
    from together
    left join files on together.source_id = files.source_id
    left join names on {{ plain_name('together.council') }} = names.printed
    where together.source_id is null or files.source_id is not null

)

select
    case
        when source_id is null then saving_id
        else concat(substr(source_id, 1, 8), ':', cast(row_number as {{ dbt.type_string() }}))
    end as saving_id,
    matched_code as council_code,
    council as council_printed,
    programme,
    document,
    section,
    low_gbp,
    high_gbp,
    {{ kept | join(',\n    ') }},
    coalesce(file_name, 'seeds/register/programme_saving.csv') as file_name,
    sha256,
    row_number,
    -- Savings of learning disability that are printed in one amount with those of mental health.
    theme = 'learning_disability' and (
        lower(concat(description, ' ', as_printed)) like '%mental health%'
        or concat(description, ' ', as_printed) like '%MH%'
    ) as is_shared_with_mental_health
from ranked
where rank_of_file = 1
