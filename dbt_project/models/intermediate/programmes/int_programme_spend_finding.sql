-- What is odd about one row of spend, or about one other figure, by the rules of programme_rule.csv.
with

spend as (

    select * from {{ ref('int_programme_spend') }}

),

figures as (

    select * from {{ ref('int_programme_figure') }}

),

prints as (

    select * from {{ ref('int_programme_print') }} where kind <> 'saving'

),

series as (

    select
        *,
        lag(gross_spend_gbp) over (partition by document, section order by financial_year) as gbp_before
    from spend
    where is_primary and gross_spend_gbp is not null

),

printed as (

    select
        row_id,
        kind,
        max(case when is_literal then 1 else 0 end) as n_literal,
        max(case when is_amount then rule_id end) as rule_id,
        max(case when is_amount then amount_printed end) as amount_printed
    from prints
    group by row_id, kind

),

-- Within a council and measure, of one year and the year before.
repeated as (

    select
        *,
        lag(value) over (partition by document, section, measure order by period) as value_before
    from figures
    where period like '20__/__'

),

nested as (

    select
        document,
        section,
        sum(value) as pct
    from figures
    where measure in ('reablement_no_further_service_pct', 'reablement_decreased_service_pct')
    group by document, section
    having sum(value) > 100

),

breaks as (

    select document, section, min(as_printed) as as_printed
    from figures
    where measure in ('nhs_money_in_spend', 'overspend_pressure_in_series', 'corporate_allocation_change')
    group by document, section

),

findings as (

    select row_id, kind, rule_id, amount_printed as detail
    from printed
    where rule_id <> '' and (n_literal = 0 or rule_id = 'pence_mark')
    union all
    select row_id, kind, 'amount_not_printed', null
    from printed
    where n_literal = 0 and coalesce(rule_id, '') = '' and kind = 'spend'
    union all
    select spend_id, 'spend', 'unit_style', as_printed
    from spend
    where regexp_extract(as_printed, '(£ [0-9]|[0-9]million|[0-9]M|[0-9] m[^a-z])', 0) <> ''
    union all
    select spend_id, 'spend', 'no_spend_printed', note from spend where financial_year is null
    union all
    select spend_id, 'spend', 'missing_year', financial_year
    from spend
    where financial_year is not null and gross_spend_gbp is null
    union all
    select spend_id, 'spend', 'unexpected_year', financial_year from spend where financial_year < '2011-12'
    union all
    select spend_id, 'spend', 'footnote_mark', as_printed from spend where as_printed like '%*%'
    union all
    select spend_id, 'spend', 'estimate_printed', as_printed from spend where lower(as_printed) like '%estimate%'
    union all
    select spend_id, 'spend', 'forecast_year', financial_year from spend where basis = 'forecast_budget'
    union all
    select spend_id, 'spend', 'not_gross_spend', basis
    from spend
    where basis in ('budget', 'budget_as_spend', 'gross_budget', 'outturn', 'actual_spend')
    union all
    select second.spend_id, 'spend', 'two_bases', first.spend_id
    from spend as second
    inner join spend as first
        on
            second.document = first.document
            and second.section = first.section
            and second.financial_year = first.financial_year
            and first.is_primary
            and not second.is_primary
    union all
    select spend_id, 'spend', 'large_change', financial_year
    from series
    where abs(cast(gross_spend_gbp as double) / nullif(cast(gbp_before as double), 0) - 1) > 0.08
    union all
    select spend_id, 'spend', 'whole_millions', as_printed
    from spend
    where
        gross_spend_gbp = 1000000 * round(cast(gross_spend_gbp as double) / 1000000)
        and as_printed not like '%.%'
        and as_printed not like '%,%'
    union all
    select first.spend_id, 'spend', 'equal_elsewhere', min(other.council_printed)
    from spend as first
    inner join spend as other
        on
            first.financial_year = other.financial_year
            and first.gross_spend_gbp = other.gross_spend_gbp
            and first.council_printed <> other.council_printed
            and first.document = other.document
    where first.gross_spend_gbp <> 0
    group by first.spend_id
    union all
    select spend.spend_id, 'spend', 'break_stated', breaks.as_printed
    from spend
    inner join breaks on spend.document = breaks.document and spend.section = breaks.section
    where spend.is_primary
    union all
    select printed_id, 'figure', 'rate_base_unusual', unit from figures where unit like '%per 10,000%'
    union all
    select printed_id, 'figure', 'row_without_label', measure from figures where measure like '%unlabelled%'
    union all
    select printed_id, 'figure', 'same_as_year_before', period from repeated where value = value_before
    union all
    select printed_id, 'figure', 'one_person', null from figures where period in ('case study', 'one case')
    union all
    select figures.printed_id, 'figure', 'shares_exceed_100', cast(nested.pct as {{ dbt.type_string() }})
    from figures
    inner join nested on figures.document = nested.document and figures.section = nested.section
    where figures.measure in ('reablement_no_further_service_pct', 'reablement_decreased_service_pct')

)

select
    row_id,
    kind,
    rule_id,
    min(detail) as detail
from findings
group by row_id, kind, rule_id
