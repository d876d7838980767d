-- The snapshot nearest to the end of a financial year against the return of that year.
with

items as (

    select * from {{ ref('reconciliation_item') }}

),

client_groups as (

    select * from {{ ref('client_group') }}

),

figures as (

    select * from {{ ref('fct_figure') }} where is_current and value is not null

),

snapshots as (

    select
        *,
        row_number() over (partition by council_code, financial_year order by snapshot_date desc) as rank_in_year
    from {{ ref('int_snapshot') }}

),

wholes as (

    select * from {{ ref('int_package_group') }} where setting_group = 'Residential and nursing'

),

thresholds as (

    select * from {{ ref('int_placement_threshold') }}

),

returned as (

    select
        snapshots.snapshot_id,
        items.item,
        items.client_group,
        items.quantity,
        count(*) as n_expected,
        count(figures.measure_id) as n_found,
        cast(sum(
            case items.part
                when 'numerator' then figures.numerator
                when 'denominator' then figures.denominator
                else figures.value
            end
        ) as {{ type_decimal() }}) as amount,
        {{ joined_list('figures.figure_id') }} as figure_ids
    from snapshots
    inner join items
        on
            snapshots.financial_year >= items.from_year
            and snapshots.financial_year <= coalesce(items.to_year, '9999-99')
    left join figures
        on
            snapshots.council_code = figures.council_code
            and snapshots.financial_year = figures.financial_year
            and items.measure_id = figures.measure_id
    where snapshots.rank_in_year = 1
    group by snapshots.snapshot_id, items.item, items.client_group, items.quantity

),

compared as (

    select
        snapshots.snapshot_id,
        snapshots.council_code,
        snapshots.council,
        snapshots.financial_year,
        snapshots.snapshot_date,
        snapshots.is_synthetic,
        client_groups.label as client_group,
        returned.item,
        returned.figure_ids,
        thresholds.reconciliation_pct,
        case
            when returned.n_found <> returned.n_expected then null
            when returned.quantity = 'people' then {{ ratio('returned.amount', 'thresholds.weeks_per_year') }}
            else returned.amount
        end as return_value,
        cast(
            case returned.quantity
                when 'people' then wholes.people
                when 'weeks' then wholes.people * thresholds.weeks_per_year
                else wholes.weekly_gbp * thresholds.weeks_per_year
            end as {{ type_decimal() }}
        ) as snapshot_value,
        case returned.quantity when 'people' then 'people' when 'weeks' then 'person-weeks' else 'GBP' end as unit
    from returned
    inner join snapshots on returned.snapshot_id = snapshots.snapshot_id
    inner join client_groups on returned.client_group = client_groups.client_group
    inner join wholes
        on returned.snapshot_id = wholes.snapshot_id and client_groups.label = wholes.client_group
    inner join thresholds
        on returned.snapshot_id = thresholds.snapshot_id and client_groups.label = thresholds.client_group

)

select
    council_code,
    council,
    financial_year,
    client_group,
    item,
    unit,
    return_value,
    snapshot_value,
    case when return_value > 0 then {{ ratio('100 * (snapshot_value - return_value)', 'return_value') }} end
        as difference_pct,
    case
        when return_value is null then 'missing'
        when return_value = 0 then 'warn'
        when abs(snapshot_value - return_value) * 100 <= reconciliation_pct * return_value then 'pass'
        else 'warn'
    end as verdict,
    snapshot_date,
    snapshot_id,
    case when return_value is not null then nullif(figure_ids, '') end as figure_ids,
    is_synthetic
from compared
