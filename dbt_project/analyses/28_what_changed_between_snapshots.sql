-- Question 28: Who started, left, moved, changed provider or changed price since the snapshot before?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    drift.from_date,
    drift.to_date,
    drift.change,
    drift.people,
    drift.weekly_cost_change_gbp,
    drift.is_suppressed,
    drift.is_synthetic
from marts.mart_placement_drift as drift
inner join asked
    on
        drift.council_code = asked.council_code
        and drift.client_group = asked.client_group
        and drift.to_date = asked.snapshot_date
order by drift.from_date, drift.change
