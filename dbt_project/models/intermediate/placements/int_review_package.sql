{{ config(materialized='view') }}
-- Which packages a review of each opportunity, or a sample of case files, looks at, what it is worth and why. A view,
-- since it is read for one opportunity of one snapshot at a time.
{%- set cases = opportunity_cases() %}
{%- do cases.update({
    'newest_residential': ("setting_group = 'Residential and nursing' and start_date is not null", 'weekly_gbp'),
    'newest_review': ('last_review_date is not null', 'weekly_gbp'),
}) %}
with

packages as (

    select * from {{ ref('int_package') }}

),

thresholds as (

    {{ opportunity_thresholds() }}

),

judged as (

    {{ packages_with_thresholds('packages', 'thresholds') }}

),

prices as (

    select * from {{ ref('int_package_price') }}

),

assumptions as (

    select * from {{ ref('opportunity_assumption') }} where method = 'share_of_cost'

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

-- The most that an assumption about the opportunity takes off.
shares as (

    select
        snapshots.snapshot_id,
        assumptions.opportunity,
        max(assumptions.share) as share
    from snapshots
    inner join assumptions
        on
            assumptions.council_code in ('*', snapshots.council_code)
            and snapshots.snapshot_date >= assumptions.from_date
    group by snapshots.snapshot_id, assumptions.opportunity

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

cases as (
    {%- for name, (condition, money) in cases.items() %}

    select
        *,
        '{{ name }}' as opportunity,
        cast({{ money }} as {{ type_decimal() }}) as counted_weekly_gbp
    from judged
    where {{ condition }}
    union all
    {%- endfor %}
    {%- for name in ['over_priced', 'over_serviced'] %}

    select
        judged.*,
        '{{ name }}' as opportunity,
        prices.{{ name }}_gbp as counted_weekly_gbp
    from judged
    inner join prices
        on
            judged.snapshot_id = prices.snapshot_id
            and judged.person_key = prices.person_key
            and judged.client_group = prices.client_group
            and judged.setting_group = prices.setting_group
    where prices.is_{{ name }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}

)

select
    cases.snapshot_id,
    cases.opportunity,
    cases.person_key,
    cases.client_group,
    cases.setting_group,
    cases.weekly_gbp,
    cases.counted_weekly_gbp,
    cast(cases.counted_weekly_gbp * weeks.weeks_per_year * case
        -- What is above the price of like packages is worth all of itself.
        when cases.opportunity in ('over_priced', 'over_serviced') then 1 else shares.share
    end as {{ type_decimal() }}) as worth_gbp,
    case cases.opportunity
        when 'newest_residential' then cases.start_date
        when 'newest_review' then cases.last_review_date
    end as newest_on,
    case
        when cases.opportunity in ('high_cost', 'high_cost_community')
            then concat(
                {{ gbp_text('cases.weekly_gbp') }}, ' a week, from ', {{ gbp_text('cases.high_cost_from') }},
                ' on to review'
            )
        when cases.opportunity in ('low_cost', 'low_cost_with_uncosted') and cases.weekly_gbp is null
            then 'no price is recorded'
        when cases.opportunity in ('low_cost', 'low_cost_with_uncosted')
            then concat({{ gbp_text('cases.weekly_gbp') }}, ' a week, below ', {{ gbp_text('cases.low_cost_below') }})
        when cases.opportunity = 'over_priced'
            then concat(
                {{ gbp_text('cases.weekly_gbp') }}, ' a week, where packages of like need ',
                case when prices.expected_for_hours_gbp is null then '' else 'and as many hours ' end, 'cost ',
                {{ gbp_text('cases.weekly_gbp - cases.counted_weekly_gbp') }},
                case when prices.expected_for_hours_gbp is null then '; its hours are not known' else '' end
            )
        when cases.opportunity = 'over_serviced'
            then concat(
                cast(cast(prices.hours_weekly as decimal(28, 1)) as {{ dbt.type_string() }}),
                ' hours a week cost ', {{ gbp_text('prices.expected_for_hours_gbp') }},
                ', where packages of like need cost ', {{ gbp_text('prices.expected_weekly_gbp') }}
            )
        when cases.opportunity = 'step_down'
            then concat(
                {{ gbp_text('cases.weekly_gbp') }}, ' a week, between ', {{ gbp_text('cases.step_down_from') }},
                ' and ', {{ gbp_text('cases.step_down_below') }}
            )
        when cases.opportunity = 'sleep_in' then 'sleep-in night cover'
        when cases.opportunity = 'waking_night' then 'waking night cover'
        when cases.opportunity = 'transport'
            then concat(
                cast(cast(cases.journeys_weekly as decimal(28, 1)) as {{ dbt.type_string() }}), ' journeys a week'
            )
        when cases.opportunity = 'assistive_technology' then 'night cover and no assistive technology'
        when cases.opportunity = 'nhs_share'
            then concat(
                {{ gbp_text('cases.weekly_gbp') }}, ' a week, from ', {{ gbp_text('cases.high_cost_from') }},
                ' on, and no share of the NHS'
            )
        when cases.opportunity = 'older_in_specialist'
            then concat(
                cast(cast(cases.older_from_age as integer) as {{ dbt.type_string() }}),
                ' or older in a specialist placement'
            )
        when cases.opportunity = 'out_of_area' then 'out of area'
        when cases.opportunity = 'interim_drift'
            then concat('interim since before ', cast(cases.interim_before as {{ dbt.type_string() }}))
        when cases.opportunity = 'overdue_review'
            then concat('no review since ', cast(cases.review_due as {{ dbt.type_string() }}))
        when cases.opportunity = 'newest_residential'
            then concat('placed on ', cast(cases.start_date as {{ dbt.type_string() }}))
        when cases.opportunity = 'newest_review'
            then concat('reviewed on ', cast(cases.last_review_date as {{ dbt.type_string() }}))
    end as reason
from cases
cross join weeks
left join prices
    on
        cases.snapshot_id = prices.snapshot_id
        and cases.person_key = prices.person_key
        and cases.client_group = prices.client_group
        and cases.setting_group = prices.setting_group
left join shares on cases.snapshot_id = shares.snapshot_id and cases.opportunity = shares.opportunity
