with

figures as (

    select * from {{ ref('int_programme_figure') }}

),

rules as (

    select rule_id, severity from {{ ref('programme_rule') }}

),

findings as (

    select
        findings.row_id,
        {{ print_verdict('rules.severity') }} as verdict,
        {{ joined_list('findings.rule_id') }} as rule_ids
    from {{ ref('int_programme_spend_finding') }} as findings
    inner join rules on findings.rule_id = rules.rule_id
    where findings.kind = 'figure'
    group by findings.row_id

),

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

)

select
    figures.printed_id,
    figures.programme,
    figures.document,
    figures.section,
    figures.council_code,
    coalesce(councils.council, figures.council_printed) as council,
    figures.council_printed,
    figures.measure,
    figures.value,
    figures.unit,
    figures.period,
    figures.as_printed,
    case when figures.value is null then 'missing' else coalesce(findings.verdict, 'pass') end as verdict,
    findings.rule_ids
from figures
left join findings on figures.printed_id = findings.row_id
left join councils on figures.council_code = councils.council_code
