-- Question 29: Do our placement records agree with the return we filed?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    reconciled.financial_year,
    reconciled.item,
    reconciled.unit,
    reconciled.return_value,
    reconciled.snapshot_value,
    reconciled.difference_pct,
    reconciled.verdict,
    reconciled.is_synthetic
from marts.mart_reconciliation as reconciled
inner join asked
    on
        reconciled.council_code = asked.council_code
        and reconciled.client_group = asked.client_group
        and reconciled.snapshot_date = asked.snapshot_date
order by reconciled.item
