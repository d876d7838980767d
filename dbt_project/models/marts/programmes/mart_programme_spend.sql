-- What councils said they spend on adult social care, beside what they returned for the same year.
with

spend as (

    select * from {{ ref('int_programme_spend') }}

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
    where findings.kind = 'spend'
    group by findings.row_id

),

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

),

returned as (

    select
        council_code,
        financial_year,
        figure_id,
        measure_id,
        value,
        verdict
    from {{ ref('fct_figure') }}
    where is_current and measure_id = 'adult_social_care_ro3_total_expenditure'

),

-- The three years that the programme asked for.
complete as (

    select
        document,
        section
    from spend
    where
        is_primary
        and gross_spend_gbp is not null
        and financial_year in ('2011-12', '2012-13', '2013-14')
    group by document, section
    having count(distinct financial_year) = 3

)

select
    spend.spend_id,
    spend.programme,
    spend.document,
    spend.section,
    spend.council_code,
    coalesce(councils.council, spend.council_printed) as council,
    spend.council_printed,
    spend.financial_year,
    spend.gross_spend_gbp,
    spend.basis,
    spend.is_primary,
    spend.is_primary and complete.section is not null and spend.financial_year in ('2011-12', '2012-13', '2013-14')
        as is_of_complete_council,
    spend.as_printed,
    spend.note,
    returned.value as returned_gbp,
    returned.measure_id as returned_measure_id,
    returned.figure_id as returned_figure_id,
    returned.verdict as returned_verdict,
    cast(spend.gross_spend_gbp - returned.value as {{ type_decimal() }}) as difference_gbp,
    {{ ratio('100 * (spend.gross_spend_gbp - returned.value)', 'returned.value') }} as difference_pct,
    case
        when spend.gross_spend_gbp is null then 'The document prints no spend for this year.'
        when returned.value is null
            then 'No revenue outturn (RO3) of this council and year is loaded. Next: land the published return.'
        when spend.basis in ('budget', 'forecast_budget', 'budget_as_spend', 'gross_budget')
            then 'The document prints a budget; the return is what was spent.'
        else
            'Both are gross of income; the return has capital charges and support services, which the document '
            || 'may leave out.'
    end as because,
    case when spend.gross_spend_gbp is null then 'missing' else coalesce(findings.verdict, 'pass') end as verdict,
    findings.rule_ids
from spend
left join findings on spend.spend_id = findings.row_id
left join councils on spend.council_code = councils.council_code
left join complete on spend.document = complete.document and spend.section = complete.section
left join returned
    on spend.council_code = returned.council_code and spend.financial_year = returned.financial_year
