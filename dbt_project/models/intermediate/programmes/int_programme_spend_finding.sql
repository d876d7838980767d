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
    select row_id, kind, 'amount_not_printed' as rule_id, cast(null as {{ dbt.type_string() }}) as detail
    from printed
    where n_literal = 0 and coalesce(rule_id, '') = '' and kind = 'spend'
    union all
    select spend_id as row_id, 'spend' as kind, 'unit_style' as rule_id, as_printed as detail
    from spend
    where regexp_extract(as_printed, '(£ [0-9]|[0-9]million|[0-9]M|[0-9] m[^a-z])', 0) <> ''
    union all
    select spend_id as row_id, 'spend' as kind, 'no_spend_printed' as rule_id, note as detail
    from spend
    where financial_year is null
    union all
    select spend_id as row_id, 'spend' as kind, 'missing_year' as rule_id, financial_year as detail
    from spend
    where financial_year is not null and gross_spend_gbp is null
    union all
    select spend_id as row_id, 'spend' as kind, 'unexpected_year' as rule_id, financial_year as detail
    from spend
    where financial_year < '2011-12'
    union all
    select spend_id as row_id, 'spend' as kind, 'footnote_mark' as rule_id, as_printed as detail
    from spend
    where as_printed like '%*%'
    union all
    select spend_id as row_id, 'spend' as kind, 'estimate_printed' as rule_id, as_printed as detail
    from spend
    where lower(as_printed) like '%estimate%'
    union all
    select spend_id as row_id, 'spend' as kind, 'forecast_year' as rule_id, financial_year as detail
    from spend
    where basis = 'forecast_budget'
    union all
    select spend_id as row_id, 'spend' as kind, 'not_gross_spend' as rule_id, basis as detail
    from spend
    where basis in ('budget', 'budget_as_spend', 'gross_budget', 'outturn', 'actual_spend')
    union all
    select second.spend_id as row_id, 'spend' as kind, 'two_bases' as rule_id, first.spend_id as detail
    from spend as second
    inner join spend as first
        on
            second.document = first.document
            and second.section = first.section
            and second.financial_year = first.financial_year
            and first.is_primary
            and not second.is_primary
    union all
    select spend_id as row_id, 'spend' as kind, 'large_change' as rule_id, financial_year as detail
    from series
    where abs(cast(gross_spend_gbp as double) / nullif(cast(gbp_before as double), 0) - 1) > 0.08
    union all
    select spend_id as row_id, 'spend' as kind, 'whole_millions' as rule_id, as_printed as detail
    from spend
    where
        gross_spend_gbp = 1000000 * round(cast(gross_spend_gbp as double) / 1000000)
        and as_printed not like '%.%'
        and as_printed not like '%,%'
    union all
    select first.spend_id as row_id, 'spend' as kind, 'equal_elsewhere' as rule_id, min(other.council_printed) as detail
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
    select spend.spend_id as row_id, 'spend' as kind, 'break_stated' as rule_id, breaks.as_printed as detail
    from spend
    inner join breaks on spend.document = breaks.document and spend.section = breaks.section
    where spend.is_primary
    union all
    select printed_id as row_id, 'figure' as kind, 'rate_base_unusual' as rule_id, unit as detail
    from figures
    where unit like '%per 10,000%'
    union all
    select printed_id as row_id, 'figure' as kind, 'row_without_label' as rule_id, measure as detail
    from figures
    where measure like '%unlabelled%'
    union all
    select printed_id as row_id, 'figure' as kind, 'same_as_year_before' as rule_id, period as detail
    from repeated
    where value = value_before
    union all
    select printed_id as row_id, 'figure' as kind, 'one_person' as rule_id, period as detail
    from figures
    where period in ('case study', 'one case')
    union all
    select
        figures.printed_id as row_id, 'figure' as kind, 'shares_exceed_100' as rule_id,
        cast(nested.pct as {{ dbt.type_string() }}) as detail
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
