-- What may be added of the savings that documents print, and what may not, with the reason.
with

grouped as (

    select * from {{ ref('int_programme_group') }}

),

spend as (

    select
        programme,
        council_code,
        sum(gross_spend_gbp) as gross_spend_gbp
    from {{ ref('mart_programme_spend') }}
    where is_of_complete_council
    group by programme, council_code

),

-- A total across scopes would count the same money several times.
across as (

    select
        programme,
        council_key,
        theme,
        status,
        'all scopes' as scope,
        'any' as counted_as,
        cast(sum(n_savings) as integer) as n_savings
    from grouped
    where counted_as <> 'total_and_one_year'
    group by programme, council_key, theme, status
    having count(distinct scope) > 1

),

-- What was planned for the same things: targets beside components, and components that are planned.
plans as (

    select
        programme,
        council_key,
        theme,
        cast(sum(low_gbp) as {{ type_decimal() }}) as planned_low_gbp,
        cast(sum(high_gbp) as {{ type_decimal() }}) as planned_high_gbp,
        cast(case when max(n_ranges) = 0 then sum(amount_gbp) end as {{ type_decimal() }}) as planned_gbp
    from grouped
    where
        status in ('planned', 'target')
        and scope in ('component', 'target_compare')
        and counted_as = 'total'
        and council_key not in ('all', 'several')
        and theme <> 'all'
    group by programme, council_key, theme

),

refused as (

    select
        *,
        case
            when scope = 'restatement' then 'Each repeats an amount that has its row elsewhere here.'
            when scope = 'subcomponent' then 'Each is part of a component: the component has it.'
            when scope = 'target_compare' then 'Targets that were set beside a saving of the same thing.'
            when scope = 'unit' then 'Amounts of one case or one person, not of a council.'
            when scope = 'not_realised' then 'It was never realised.'
            when
                counted_as = 'cumulative' and n_periods > 1
                then 'Each amount holds those of the years before: the last one is the total.'
            when n_ranges > 0 and n_ranges < n_savings then 'Ranges and amounts: add the lower and the upper ends.'
        end as refused_because
    from grouped

)

select
    concat(
        refused.programme, '|', refused.council_key, '|', refused.theme, '|',
        refused.status, '|', refused.scope, '|', refused.counted_as
    ) as total_id,
    refused.programme,
    case when refused.council_key not in ('all', 'several') then refused.council_key end as council_code,
    refused.theme,
    refused.status,
    refused.scope,
    refused.counted_as,
    refused.n_savings,
    refused.n_councils,
    refused.n_quarantined,
    refused.refused_because is not null as is_refused,
    case
        when refused.refused_because is null and refused.n_ranges = 0
            then cast(refused.amount_gbp as {{ type_decimal() }})
    end as amount_gbp,
    case when refused.refused_because is null then cast(refused.low_gbp as {{ type_decimal() }}) end as low_gbp,
    case when refused.refused_because is null then cast(refused.high_gbp as {{ type_decimal() }}) end as high_gbp,
    case
        when refused.refused_because is null and refused.n_ranges = 0
            then cast(refused.amount_gbp - refused.shared_gbp as {{ type_decimal() }})
    end as without_mental_health_gbp,
    case when refused.refused_because is null then cast(refused.real_gbp as {{ type_decimal() }}) end as real_gbp,
    case when refused.refused_because is null then refused.real_base_year end as real_base_year,
    refused.n_real,
    case
        when refused.refused_because is null and refused.counted_as = 'total'
            then {{ ratio('100 * refused.amount_gbp', 'spend.gross_spend_gbp') }}
    end as share_of_gross_spend_pct,
    plans.planned_gbp,
    plans.planned_low_gbp,
    plans.planned_high_gbp,
    {{ ratio('100 * refused.amount_gbp', 'plans.planned_gbp') }} as achieved_of_planned_pct,
    refused.refused_because
from refused
left join plans
    on
        refused.status = 'achieved'
        and refused.scope = 'component'
        and refused.counted_as = 'total'
        and refused.programme = plans.programme
        and refused.council_key = plans.council_key
        and refused.theme = plans.theme
left join spend on refused.programme = spend.programme and refused.council_key = spend.council_code
union all
select
    concat(
        programme, '|', council_key, '|', theme, '|', status, '|', scope, '|',
        counted_as
    ) as total_id,
    programme,
    case when council_key not in ('all', 'several') then council_key end as council_code,
    theme,
    status,
    scope,
    counted_as,
    n_savings,
    cast(null as integer) as n_councils,
    cast(null as integer) as n_quarantined,
    true as is_refused,
    {%- for name in ['amount_gbp', 'low_gbp', 'high_gbp', 'without_mental_health_gbp', 'real_gbp'] %}
    cast(null as {{ type_decimal() }}) as {{ name }},
    {%- endfor %}
    cast(null as {{ dbt.type_string() }}) as real_base_year,
    cast(null as integer) as n_real,
    cast(null as {{ type_decimal() }}) as share_of_gross_spend_pct,
    {%- for name in ['planned_gbp', 'planned_low_gbp', 'planned_high_gbp', 'achieved_of_planned_pct'] %}
    cast(null as {{ type_decimal() }}) as {{ name }},
    {%- endfor %}
    'Scopes hold each other: components are parts of the total of adult social care, and that of the whole council.'
        as refused_because
from across
