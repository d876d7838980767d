-- A series is a measure in one definition: nothing is indexed, and no growth worked out, across two of them. Nor is it
-- on a base that cannot carry it: a quarantined amount, next to nothing, nothing, or less than that.
with

printed as (

    select
        figures.figure_id, figures.release_id, figures.council_code, figures.council, figures.financial_year,
        figures.measure_id, figures.definition_version, figures.value, figures.unit, figures.verdict
    from {{ ref('fct_figure') }} as figures
    inner join {{ ref('int_measure') }} as measures
        on figures.measure_id = measures.measure_id and figures.definition_version = measures.definition_version
    where
        figures.is_current
        and figures.value is not null
        and (
            measures.family in ('outcome', 'outturn')
            or (measures.family = 'unit_cost' and coalesce(measures.quantity, '') not like 'unit_cost%')
            or (measures.family = 'activity' and measures.quantity is null)
        )

),

compared as (

    select distinct financial_year, measure_id, definition_version
    from {{ ref('int_spend') }}
    where part_measure_id is null and family = 'expenditure'

),

spend as (

    select
        figures.figure_id, figures.release_id, figures.council_code, figures.council, figures.financial_year,
        figures.measure_id, figures.definition_version, figures.value, figures.unit, figures.verdict
    from {{ ref('fct_figure') }} as figures
    inner join compared
        on
            figures.financial_year = compared.financial_year
            and figures.measure_id = compared.measure_id
            and figures.definition_version = compared.definition_version
    where figures.is_current and figures.value is not null

),

derived as (

    select
        figure_id, cast(null as {{ dbt.type_string() }}) as release_id, council_code, council, financial_year,
        measure_id, definition_version, value, unit, verdict
    from {{ ref('fct_derived_figure') }}
    where value is not null

),

deflators as (

    select * from {{ ref('dim_deflator') }} where is_current

),

parameters as (

    {{ parameter('smallest_base_share', 'double') }}

),

figures as (

    select * from printed
    union all
    select * from spend
    union all
    select * from derived

),

keyed as (

    select
        figures.*,
        cast(substr(figures.financial_year, 1, 4) as integer) as first_year,
        cast(dense_rank() over (order by figures.measure_id, figures.council_code) as integer) as line_key,
        cast(dense_rank() over (
            order by figures.measure_id, figures.council_code, figures.definition_version
        ) as integer) as series_key,
        cast(figures.value as double) as cash,
        case
            when figures.unit like 'GBP%' then cast(figures.value as double) * 100 / cast(deflators.deflator as double)
        end as real,
        case when figures.unit like 'GBP%' and deflators.deflator is not null then deflators.base_year end
            as real_terms_year,
        case figures.verdict when 'quarantine' then 2 when 'unjudged' then 1 else 0 end as doubt
    from figures
    left join deflators on figures.financial_year = deflators.financial_year

),

stepped as (

    select
        keyed.*,
        -- An index starts from the first year that is believed, or else from the first that no rule could judge. Where
        -- that is not above zero, or all years are quarantined, there is no index.
        first_value(keyed.cash) over (
            partition by keyed.series_key order by keyed.doubt, keyed.first_year
        ) as first_cash,
        first_value(keyed.verdict) over (
            partition by keyed.series_key order by keyed.doubt, keyed.first_year
        ) as first_verdict,
        -- The first year that a deflator is known for.
        first_value(keyed.real) over (
            partition by keyed.series_key
            order by case when keyed.real is null then 3 else keyed.doubt end, keyed.first_year
        ) as first_real,
        first_value(keyed.doubt) over (
            partition by keyed.series_key
            order by case when keyed.real is null then 3 else keyed.doubt end, keyed.first_year
        ) as first_real_doubt,
        lag(keyed.first_year) over (partition by keyed.series_key order by keyed.first_year) as year_before,
        lag(keyed.cash) over (partition by keyed.series_key order by keyed.first_year) as cash_before,
        lag(keyed.real) over (partition by keyed.series_key order by keyed.first_year) as real_before,
        lag(keyed.verdict) over (partition by keyed.series_key order by keyed.first_year) as verdict_before,
        lag(keyed.series_key) over (partition by keyed.line_key order by keyed.first_year) as series_before
    from keyed

),

directed as (

    select
        stepped.*,
        parameters.smallest_base_share * stepped.cash as smallest_base,
        case when stepped.cash > stepped.cash_before then 1 else 0 end as is_up,
        case when stepped.cash < stepped.cash_before then 1 else 0 end as is_down,
        coalesce(stepped.series_before <> stepped.series_key, false) as break_before,
        stepped.first_year - stepped.year_before > 1 as gap_before
    from stepped
    cross join parameters

),

reasoned as (

    select
        directed.*,
        case
            {{ base_reason('directed.first_verdict', 'directed.first_cash') }}
            when directed.cash < 0 then 'value_negative'
            when directed.first_cash < directed.smallest_base then 'base_small'
        end as index_missing_reason,
        case
            when directed.break_before then 'series_broke'
            when directed.year_before is null then 'no_year_before'
            when directed.gap_before then 'year_before_missing'
            {{ base_reason('directed.verdict_before', 'directed.cash_before') }}
            when directed.cash < 0 then 'value_negative'
            when directed.cash_before < directed.smallest_base then 'base_small'
        end as yoy_missing_reason
    from directed

)

select
    figure_id,
    release_id,
    council_code,
    council,
    measure_id,
    definition_version,
    financial_year,
    unit,
    value as value_cash,
    {{ rounded('real') }} as value_real,
    real_terms_year,
    case when index_missing_reason is null then {{ rounded('100 * cash / first_cash') }} end as index_cash,
    case
        when index_missing_reason is null and first_real_doubt < 2 and first_real > 0
            then {{ rounded('100 * real / first_real') }}
    end as index_real,
    index_missing_reason,
    case when yoy_missing_reason is null then {{ rounded('100 * (cash - cash_before) / cash_before') }} end as yoy_pct,
    case
        when yoy_missing_reason is null then {{ rounded('100 * (real - real_before) / real_before') }}
    end as yoy_real_pct,
    yoy_missing_reason,
    break_before,
    gap_before,
    cast(sum(is_up) over (partition by series_key order by first_year rows unbounded preceding) as integer) as steps_up,
    cast(sum(is_down) over (partition by series_key order by first_year rows unbounded preceding) as integer)
        as steps_down,
    verdict
from reasoned
