-- Printed savings added up by programme, theme, council, status, scope and basis, none of them mixed. Whether the sums
-- mean anything is decided in mart_programme_total.
with

savings as (

    select * from {{ ref('mart_programme_saving') }}

),

deflators as (

    select financial_year, deflator, base_year from {{ ref('dim_deflator') }} where is_current

),

-- The last year that the words of the period name; prices are taken to be of that year.
dated as (

    select
        savings.*,
        coalesce(savings.council_code, 'several') as council_key,
        replace(regexp_extract(savings.period, '.*(20[0-9][0-9]/[0-9][0-9])', 1), '/', '-') as last_year
    from savings
    where savings.verdict <> 'missing'

),

priced as (

    select
        dated.*,
        deflators.base_year,
        {{ ratio('dated.amount_gbp * 100', 'deflators.deflator') }} as real_gbp
    from dated
    left join deflators on dated.last_year = deflators.financial_year

),

-- One row for each amount, and a second one where an amount a year is counted once beside amounts of a period.
counted as (

    select *, amount_basis as counted_as from priced
    union all
    select *, 'total_and_one_year' as counted_as
    from priced
    where amount_basis in ('total', 'per_annum')

),

grouped as (
    {%- for keys in [['theme'], ['council_key'], ['council_key', 'theme']] %}

    select
        programme,
        {{ 'council_key' if 'council_key' in keys else "'all'" }} as council_key,
        {{ 'theme' if 'theme' in keys else "'all'" }} as theme,
        status,
        scope,
        counted_as,
        cast(count(*) as integer) as n_savings,
        cast(count(distinct council_printed) as integer) as n_councils,
        cast(count(distinct period) as integer) as n_periods,
        sum(case when is_range then 0 else amount_gbp end) as amount_gbp,
        sum(low_gbp) as low_gbp,
        sum(high_gbp) as high_gbp,
        cast(sum(case when is_range then 1 else 0 end) as integer) as n_ranges,
        sum(case when is_shared_with_mental_health then amount_gbp else 0 end) as shared_gbp,
        sum(real_gbp) as real_gbp,
        cast(count(real_gbp) as integer) as n_real,
        max(base_year) as real_base_year,
        cast(sum(case when verdict = 'quarantine' then 1 else 0 end) as integer) as n_quarantined
    from counted
    group by programme, {{ keys | join(', ') }}, status, scope, counted_as
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from grouped
