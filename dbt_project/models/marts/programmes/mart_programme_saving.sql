with

savings as (

    select * from {{ ref('int_programme_saving') }}

),

rules as (

    select rule_id, severity from {{ ref('programme_rule') }}

),

findings as (

    select
        findings.saving_id,
        {{ print_verdict('rules.severity') }} as verdict,
        {{ joined_list('findings.rule_id') }} as rule_ids
    from {{ ref('int_programme_finding') }} as findings
    inner join rules on findings.rule_id = rules.rule_id
    group by findings.saving_id

),

-- The amount of the row as the words print it; a table prints those of other years beside it.
prints as (

    select
        row_id,
        min(literal_gbp) as literal_gbp,
        min(half_step_gbp) as half_step_gbp
    from {{ ref('int_programme_print') }}
    where kind = 'saving' and is_amount
    group by row_id

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
    coalesce(
        savings.low_gbp, cast(savings.amount_gbp - prints.half_step_gbp as {{ type_decimal() }})
    ) as low_gbp,
    coalesce(
        savings.high_gbp, cast(savings.amount_gbp + prints.half_step_gbp as {{ type_decimal() }})
    ) as high_gbp,
    savings.low_gbp is not null as is_range,
    prints.literal_gbp,
    case
        when savings.amount_gbp is null and savings.low_gbp is null then 'missing'
        else coalesce(findings.verdict, 'pass')
    end as verdict,
    findings.rule_ids,
    savings.is_shared_with_mental_health
from savings
left join findings on savings.saving_id = findings.saving_id
left join prints on savings.saving_id = prints.row_id
left join councils on savings.council_code = councils.council_code
