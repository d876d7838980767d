-- Where the packages of a snapshot, the council's ledger and its return of the year part, and why as far as the three
-- show it. Two values agree within the parameter reconciliation_pct.
with

items as (

    select * from {{ ref('int_reconciled_item') }}

),

compared as (

    select
        *,
        abs(snapshot_value - return_value) * 100 <= reconciliation_pct * abs(return_value) as is_as_returned,
        abs(snapshot_value - ledger_value) * 100 <= reconciliation_pct * abs(ledger_value) as is_as_ledger,
        abs(ledger_value - return_value) * 100 <= reconciliation_pct * abs(return_value) as is_ledger_as_returned,
        -- Where a value is what the packages cost the council alone, after what clients and the NHS pay.
        abs(net_value - ledger_value) * 100 <= reconciliation_pct * abs(ledger_value)
        and net_value < snapshot_value as is_ledger_net,
        abs(net_value - return_value) * 100 <= reconciliation_pct * abs(return_value)
        and net_value < snapshot_value as is_return_net
    from items

),

parted as (

    select
        *,
        case
            when snapshot_value is null and ledger_value is not null then 'packages'
            when ledger_value is null and is_as_returned then 'nowhere'
            when ledger_value is null and not is_as_returned then 'packages and return'
            when return_value is null and is_as_ledger then 'nowhere'
            when return_value is null and not is_as_ledger then 'packages and ledger'
            when is_as_returned and is_as_ledger then 'nowhere'
            when is_as_ledger then 'return'
            when is_as_returned then 'ledger'
            when is_ledger_as_returned then 'packages'
            when not is_as_ledger then 'all three'
        end as part_at
    from compared

)

select
    council_code,
    council,
    financial_year,
    client_group,
    item,
    case quantity when 'people' then 'people' when 'weeks' then 'person-weeks' else 'GBP' end as unit,
    return_value,
    snapshot_value,
    case when return_value > 0 then {{ ratio('100 * (snapshot_value - return_value)', 'return_value') }} end
        as difference_pct,
    case
        when return_value is null then 'missing'
        when return_value = 0 or snapshot_value is null then 'warn'
        when is_as_returned then 'pass'
        else 'warn'
    end as verdict,
    snapshot_date,
    snapshot_id,
    figure_ids,
    is_synthetic,
    ledger_value,
    ledger_month,
    case when ledger_value > 0 then {{ ratio('100 * (snapshot_value - ledger_value)', 'ledger_value') }} end
        as ledger_difference_pct,
    part_at,
    case
        when ledger_month is not null and ledger_value is null
            then concat('the ledger of ', ledger_month, ' has no forecast of every setting')
        when part_at is null then 'neither the return nor a ledger has a value'
        when part_at = 'nowhere' then 'they agree'
        when snapshot_value is null then 'the ledger has spend and the snapshot no package'
        when part_at <> 'return' and is_ledger_net and not is_as_ledger
            then 'the ledger is what the packages cost net of what clients and the NHS pay'
        when part_at in ('return', 'packages and return') and is_return_net
            then 'the return is what the packages cost net of what clients and the NHS pay'
        when snapshot_value < coalesce(ledger_value, return_value) and uncosted_people > 0
            then concat(
                cast(uncosted_people as {{ dbt.type_string() }}), ' packages have no price in the snapshot'
            )
        when part_at = 'return' and quantity = 'spend'
            then 'packages and ledger agree: the return has other settings, ages or overheads, or a wrong line'
        when part_at = 'ledger'
            then 'packages and return agree: the ledger has other budgets, accruals, or a forecast that is off'
        when snapshot_value > coalesce(ledger_value, return_value)
            then 'the day of the snapshot has more or dearer packages than the year; ended lines may still be open'
        else 'the day of the snapshot has fewer or cheaper packages than the year; some may be recorded elsewhere'
    end as reason
from parted
