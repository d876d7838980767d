with

savings as (

    select * from {{ ref('int_programme_saving') }}

),

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

)

select
    savings.saving_id,
    savings.programme,
    savings.council_code,
    coalesce(councils.council, savings.council_printed) as council,
    savings.council_printed,
    case when savings.document = {{ annex_document() }} then cast(savings.section as integer) end as section_no,
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
    savings.file_name,
    savings.sha256,
    savings.row_number,
    savings.document,
    savings.section,
    savings.low_gbp,
    savings.high_gbp,
    savings.is_shared_with_mental_health
from savings
left join councils on savings.council_code = councils.council_code
