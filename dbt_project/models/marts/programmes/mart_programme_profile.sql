-- Plans by year, to be tracked: what was to be saved, year by year, beside how spending moved in the revenue outturn.
with

savings as (

    select
        *,
        replace(period, '/', '-') as financial_year,
        case when theme = 'whole_programme' then 1 else 0 end as is_whole
    from {{ ref('mart_programme_saving') }}
    where
        council_code is not null
        and status in ('planned', 'target')
        and scope in ('component', 'asc_future')
        and amount_basis in ('total', 'cumulative')
        and amount_gbp is not null
        and period like '20__/__'

),

-- Where a document prints the whole plan of a year, its rows are parts of that.
wholes as (

    select document, section, council_code, max(is_whole) as has_whole
    from savings
    group by document, section, council_code

),

plans as (

    select
        savings.programme,
        savings.document,
        savings.council_code,
        savings.council,
        savings.financial_year,
        savings.amount_basis,
        cast(count(*) as integer) as n_savings,
        cast(sum(savings.amount_gbp) as {{ type_decimal() }}) as planned_gbp
    from savings
    inner join wholes
        on
            savings.document = wholes.document
            and savings.section = wholes.section
            and savings.council_code = wholes.council_code
            and savings.is_whole = wholes.has_whole
    group by
        savings.programme, savings.document, savings.council_code, savings.council, savings.financial_year,
        savings.amount_basis

),

running as (

    select
        *,
        min(financial_year) over (partition by document, council_code, amount_basis) as first_year,
        case amount_basis
            when 'cumulative' then planned_gbp
            else sum(planned_gbp) over (
                partition by document, council_code, amount_basis order by financial_year
                rows between unbounded preceding and current row
            )
        end as planned_to_date_gbp
    from plans

),

returned as (

    select council_code, financial_year, definition_version, value, figure_id, verdict
    from {{ ref('fct_figure') }}
    where is_current and measure_id = 'adult_social_care_ro3_total_expenditure' and value is not null

),

deflators as (

    select financial_year, deflator from {{ ref('dim_deflator') }} where is_current

),

-- The last return before the plan begins, of the definition of the return that is set beside it.
compared as (

    select
        running.document,
        running.council_code,
        running.amount_basis,
        running.financial_year,
        returned.value as returned_gbp,
        returned.figure_id as returned_figure_id,
        returned.verdict as returned_verdict,
        max(before.financial_year) as year_before,
        max_by(before.value, before.financial_year) as returned_before_gbp
    from running
    inner join returned
        on running.council_code = returned.council_code and running.financial_year = returned.financial_year
    left join returned as before
        on
            running.council_code = before.council_code
            and returned.definition_version = before.definition_version
            and running.first_year > before.financial_year
    group by
        running.document, running.council_code, running.amount_basis, running.financial_year, returned.value,
        returned.figure_id, returned.verdict

)

select
    running.programme,
    running.document,
    running.council_code,
    running.council,
    running.financial_year,
    running.amount_basis,
    running.n_savings,
    running.planned_gbp,
    cast(running.planned_to_date_gbp as {{ type_decimal() }}) as planned_to_date_gbp,
    compared.year_before,
    compared.returned_before_gbp,
    compared.returned_gbp,
    compared.returned_figure_id,
    compared.returned_verdict,
    cast(compared.returned_gbp - compared.returned_before_gbp as {{ type_decimal() }}) as movement_gbp,
    -- In prices of the year before the plan.
    {{ rounded('cast(compared.returned_gbp as double) * cast(last.deflator as double) / cast(first.deflator as double)'
        ~ ' - cast(compared.returned_before_gbp as double)') }} as movement_real_gbp,
    case
        when compared.returned_gbp is null
            then 'No revenue outturn (RO3) of this year is loaded. Next: land it, and the plan can be tracked.'
        when compared.returned_before_gbp is null
            then 'No revenue outturn of a year before the plan, of the same definition, is loaded.'
        else
            'Spending moves with demand, prices and transfers too: a plan can be kept while spending grows. The '
            || 'document does not say whether a later year holds the earlier ones; they are added up here.'
    end as because
from running
left join compared
    on
        running.document = compared.document
        and running.council_code = compared.council_code
        and running.amount_basis = compared.amount_basis
        and running.financial_year = compared.financial_year
left join deflators as first on compared.financial_year = first.financial_year
left join deflators as last on compared.year_before = last.financial_year
