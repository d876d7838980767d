with

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

rejected as (

    select
        snapshot_id,
        count(*) as n_rejected
    from {{ ref('int_placement_line') }}
    where rejected_by is not null
    group by snapshot_id

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
    cast(coalesce(rejected.n_rejected, 0) as integer) as n_rejected,
    snapshots.is_synthetic
from snapshots
left join snapshots as earlier on snapshots.previous_snapshot_id = earlier.snapshot_id
left join rejected on snapshots.snapshot_id = rejected.snapshot_id
