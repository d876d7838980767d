with

snapshots as (

    select * from {{ ref('int_snapshot') }}

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    snapshots.financial_year,
    earlier.snapshot_date as previous_date,
    snapshots.mapping,
    snapshots.file_name,
    cast(snapshots.n_rows as integer) as n_rows,
    cast(round(snapshots.n_rows / 5.0) * 5 as integer) as n_rows_rounded,
    snapshots.is_synthetic
from snapshots
left join snapshots as earlier on snapshots.previous_snapshot_id = earlier.snapshot_id
