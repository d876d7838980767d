-- The annex prints no council codes and its own spellings of names ("Borough of Poole"), so councils are matched by
-- every known spelling of their name.
{#- Spellings as in council_name.csv: lower case, punctuation as spaces, one space between words. -#}
{%- set plain -%}
trim(replace(replace(translate(
    replace(replace(lower(COLUMN), '&', ' and '), chr(39), ''), '-.,()/', '      '
), '  ', ' '), '  ', ' '))
{%- endset %}
with

savings as (

    select * from {{ ref('stg_register__programme_savings') }}

),

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

),

spellings as (

    select printed, council_code from {{ ref('council_name') }}

),

names as (

    select printed, council_code from spellings
    union all
    select {{ plain | replace('COLUMN', 'council') }} as printed, council_code
    from councils
    where {{ plain | replace('COLUMN', 'council') }} not in (select spellings.printed from spellings)

),

files as (

    select
        source_id,
        file_name,
        sha256,
        row_number() over (order by received_at desc, source_id) as rank_of_file
    from {{ ref('stg_returns__source_file') }}
    where is_loaded and source_id in (select savings.source_id from savings)

)

select
    concat(substr(savings.source_id, 1, 8), ':', cast(savings.row_number as {{ dbt.type_string() }})) as saving_id,
    'LGA Adult Social Care Efficiency programme' as programme,
    names.council_code,
    coalesce(councils.council, savings.council) as council,
    savings.council as council_printed,
    savings.section_no,
    savings.theme,
    savings.description,
    savings.amount_gbp,
    savings.period,
    savings.status,
    savings.scope,
    savings.amount_basis,
    savings.qualifier,
    savings.as_printed,
    savings.note,
    files.file_name,
    files.sha256,
    savings.row_number
from savings
inner join files on savings.source_id = files.source_id and files.rank_of_file = 1
left join names on {{ plain | replace('COLUMN', 'savings.council') }} = names.printed
left join councils on names.council_code = councils.council_code
