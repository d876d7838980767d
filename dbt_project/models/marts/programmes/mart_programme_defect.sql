-- The known defects of the annex, and which rule or recomputed claim finds each.
with

defects as (

    select * from {{ ref('programme_defect') }}

),

savings as (

    select saving_id, section from {{ ref('int_programme_saving') }} where document = {{ annex_document() }}

),

spend as (

    select spend_id, section from {{ ref('int_programme_spend') }} where document = {{ annex_document() }}

),

figures as (

    select printed_id, section from {{ ref('int_programme_figure') }} where document = {{ annex_document() }}

),

claims as (

    select
        claim_id,
        verdict
    from {{ ref('mart_claim_check') }}

),

found as (

    select findings.rule_id, savings.section, findings.saving_id as row_id
    from {{ ref('int_programme_finding') }} as findings
    inner join savings on findings.saving_id = savings.saving_id
    union all
    select findings.rule_id, spend.section, findings.row_id
    from {{ ref('int_programme_spend_finding') }} as findings
    inner join spend on findings.row_id = spend.spend_id
    union all
    select findings.rule_id, figures.section, findings.row_id
    from {{ ref('int_programme_spend_finding') }} as findings
    inner join figures on findings.row_id = figures.printed_id

),

by_section as (

    select
        rule_id,
        section,
        {{ joined_list('row_id') }} as found_on
    from found
    group by rule_id, section

)

select
    defects.defect_id,
    defects.section,
    defects.council,
    defects.category,
    defects.severity,
    defects.as_printed,
    defects.explanation,
    defects.rule_id,
    defects.claim_id,
    claims.verdict as claim_verdict,
    by_section.found_on,
    by_section.found_on is not null or claims.claim_id is not null as is_caught,
    defects.not_caught_because
from defects
left join by_section on defects.rule_id = by_section.rule_id and defects.section = by_section.section
left join claims on defects.claim_id = claims.claim_id
