-- The snapshot nearest to the end of a financial year, the return of that year and the council's ledger: the three
-- values of one item, and the packages' cost net of what clients and the NHS pay of it.
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

    select * from (
        select
            *,
            row_number() over (partition by council_code, financial_year order by snapshot_date desc) as rank_in_year
        from {{ ref('int_snapshot') }}
    ) as ranked
    where rank_in_year = 1

),

packages as (

    select
        snapshot_id,
        client_group,
        setting_group,
        count(*) as people,
        sum(case when weekly_gbp is null then 1 else 0 end) as uncosted_people,
        coalesce(sum(weekly_gbp), 0) as weekly_gbp,
        coalesce(sum(
            weekly_gbp - coalesce(client_contribution_weekly_gbp, 0) - coalesce(nhs_share_weekly_gbp, 0)
        ), 0) as net_weekly_gbp
    from {{ ref('int_package') }}
    group by snapshot_id, client_group, setting_group

),

thresholds as (

    select * from {{ ref('int_placement_threshold') }}

),

-- A client group without packages has no parameters of its own.
of_snapshot as (

    select
        snapshot_id,
        max(reconciliation_pct) as reconciliation_pct,
        max(weeks_per_year) as weeks_per_year
    from thresholds
    group by snapshot_id

),

ledger as (

    select
        snapshots.snapshot_id,
        ledgers.client_group,
        ledgers.setting_group,
        case ledgers.setting_group
            when 'Residential and nursing' then 'residential_nursing_spend'
            when 'Community' then 'community_spend'
            else 'short_term_spend'
        end as item,
        ledgers.ledger_month,
        ledgers.is_whole_year,
        ledgers.ledger_gbp
    from {{ ref('int_ledger') }} as ledgers
    inner join snapshots
        on ledgers.council_code = snapshots.council_code and ledgers.financial_year = snapshots.financial_year

),

returned as (

    select
        snapshots.snapshot_id,
        items.item,
        client_groups.label as client_group,
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
    inner join client_groups on items.client_group = client_groups.client_group
    left join figures
        on
            snapshots.council_code = figures.council_code
            and snapshots.financial_year = figures.financial_year
            and items.measure_id = figures.measure_id
    group by snapshots.snapshot_id, items.item, client_groups.label, items.quantity

),

everything as (

    select snapshot_id, client_group, item, quantity, 'Residential and nursing' as setting_group from returned
    union
    select snapshot_id, client_group, item, 'spend' as quantity, setting_group from ledger

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.financial_year,
    snapshots.snapshot_date,
    snapshots.is_synthetic,
    everything.client_group,
    everything.item,
    everything.quantity,
    coalesce(thresholds.reconciliation_pct, of_snapshot.reconciliation_pct) as reconciliation_pct,
    case
        when returned.n_found <> returned.n_expected then null
        when everything.quantity = 'people' then {{ ratio('returned.amount', 'of_snapshot.weeks_per_year') }}
        else returned.amount
    end as return_value,
    case when returned.n_found = returned.n_expected then nullif(returned.figure_ids, '') end as figure_ids,
    cast(
        case everything.quantity
            when 'people' then packages.people
            when 'weeks' then packages.people * of_snapshot.weeks_per_year
            else packages.weekly_gbp * of_snapshot.weeks_per_year
        end as {{ type_decimal() }}
    ) as snapshot_value,
    cast(
        case everything.quantity when 'spend' then packages.net_weekly_gbp * of_snapshot.weeks_per_year end
        as {{ type_decimal() }}
    ) as net_value,
    coalesce(packages.uncosted_people, 0) as uncosted_people,
    ledger.ledger_month,
    ledger.is_whole_year,
    ledger.ledger_gbp as ledger_value
from everything
inner join snapshots on everything.snapshot_id = snapshots.snapshot_id
left join of_snapshot on everything.snapshot_id = of_snapshot.snapshot_id
left join returned
    on
        everything.snapshot_id = returned.snapshot_id
        and everything.client_group = returned.client_group
        and everything.item = returned.item
left join ledger
    on
        everything.snapshot_id = ledger.snapshot_id
        and everything.client_group = ledger.client_group
        and everything.item = ledger.item
left join packages
    on
        everything.snapshot_id = packages.snapshot_id
        and everything.client_group = packages.client_group
        and everything.setting_group = packages.setting_group
left join thresholds
    on
        everything.snapshot_id = thresholds.snapshot_id
        and everything.client_group = thresholds.client_group
where packages.snapshot_id is not null or ledger.snapshot_id is not null
