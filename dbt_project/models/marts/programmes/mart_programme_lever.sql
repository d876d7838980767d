-- The levers that councils used: each saving with what it is per head and of spend, and what the returns show after.
with

savings as (

    select * from {{ ref('mart_programme_saving') }}
    where council_code is not null and scope in ('component', 'subcomponent', 'asc_total', 'asc_future')

),

programmes as (

    select * from {{ ref('programme') }}

),

levers as (

    select
        theme,
        {{ joined_list('service') }} as services
    from {{ ref('lever_service') }}
    group by theme

),

population as (

    select council_code, financial_year, people
    from {{ ref('dim_population') }}
    where is_current and age_band = '18 and over'

),

spend as (

    select
        programme,
        council_code,
        max_by(gross_spend_gbp, financial_year) as gross_spend_gbp,
        max(financial_year) as spend_year
    from {{ ref('mart_programme_spend') }}
    where is_primary and gross_spend_gbp is not null and basis <> 'forecast_budget'
    group by programme, council_code

),

returned as (

    select
        council_code,
        financial_year,
        coalesce(
            max(case when measure_id = 'adult_social_care_ro3_total_expenditure' then value end), max(value)
        ) as value
    from {{ ref('fct_figure') }}
    where
        is_current
        and measure_id in ('adult_social_care_ro3_total_expenditure', 'adult_social_care_total_expenditure')
        and verdict <> 'quarantine'
    group by council_code, financial_year

),

-- Unit cost and residential share of learning disability, within one definition.
figures as (

    select council_code, financial_year, definition_version, 'unit_cost' as kind, value
    from {{ ref('fct_figure') }}
    where
        is_current
        and measure_id = 'learning_disability_residential_nursing_unit_cost'
        and value is not null
        and verdict <> 'quarantine'
    union all
    select
        council_code, financial_year, concat(definition_version, measure_id) as definition_version, 'share' as kind,
        value
    from {{ ref('fct_derived_figure') }}
    where
        measure_id in (
            'learning_disability_residential_nursing_share_of_weeks',
            'learning_disability_residential_nursing_gross_current_expenditure_share_of_client_group'
        )
        and value is not null
        and verdict <> 'quarantine'

),

spans as (

    select
        programmes.programme,
        before.council_code,
        before.kind,
        before.financial_year as year_before,
        before.value as value_before,
        max(later.financial_year) as year_after,
        max_by(later.value, later.financial_year) as value_after
    from programmes
    inner join figures as before on programmes.start_year = before.financial_year
    inner join figures as later
        on
            before.council_code = later.council_code
            and before.kind = later.kind
            and before.definition_version = later.definition_version
            and before.financial_year < later.financial_year
    group by programmes.programme, before.council_code, before.kind, before.financial_year, before.value

)

select
    savings.saving_id,
    savings.programme,
    savings.council_code,
    savings.council,
    savings.theme,
    levers.services,
    savings.description,
    savings.amount_gbp,
    savings.low_gbp,
    savings.high_gbp,
    savings.status,
    savings.scope,
    savings.amount_basis,
    savings.period,
    savings.verdict,
    {{ ratio('savings.amount_gbp', 'population.people') }} as amount_per_head,
    coalesce(spend.spend_year, returned.financial_year) as spend_year,
    {{ ratio('100 * savings.amount_gbp', 'coalesce(spend.gross_spend_gbp, returned.value)') }} as share_of_spend_pct,
    programmes.start_year as year_before,
    unit_costs.year_after as unit_cost_year_after,
    unit_costs.value_before as unit_cost_before,
    unit_costs.value_after as unit_cost_after,
    {{ ratio('100 * (unit_costs.value_after - unit_costs.value_before)', 'unit_costs.value_before') }}
        as unit_cost_change_pct,
    shares.year_after as residential_share_year_after,
    shares.value_before as residential_share_before,
    shares.value_after as residential_share_after,
    cast(shares.value_after - shares.value_before as {{ type_decimal() }}) as residential_share_change,
    case
        when unit_costs.year_after is null and shares.year_after is null
            then 'No return of the year before and a later one of the same definition is loaded.'
        else 'The list of savings is partial, and after is not because.'
    end as caveat
from savings
left join programmes on savings.programme = programmes.programme
left join levers on savings.theme = levers.theme
left join population
    on savings.council_code = population.council_code and programmes.start_year = population.financial_year
left join spend on savings.programme = spend.programme and savings.council_code = spend.council_code
left join returned
    on savings.council_code = returned.council_code and programmes.start_year = returned.financial_year
left join spans as unit_costs
    on
        savings.programme = unit_costs.programme
        and savings.council_code = unit_costs.council_code
        and unit_costs.kind = 'unit_cost'
left join spans as shares
    on savings.programme = shares.programme and savings.council_code = shares.council_code and shares.kind = 'share'
