-- Snapshots beside the one before of the same council, and the one nearest to a year before.
with

snapshots as (

    select * from {{ ref('stg_placement__snapshots') }}

)

select
    *, -- noqa: AM04
    lag(snapshot_id) over (partition by council_code order by snapshot_date) as previous_snapshot_id
from snapshots
