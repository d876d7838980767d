-- The pairs of snapshots that are compared: each with the one before, with the one of the same day a year before, and
-- any pair that the user names.
with

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

asked as (

    select * from {{ ref('stg_register__snapshot_pairs') }}

),

pairs as (

    select previous_snapshot_id as from_snapshot_id, snapshot_id as to_snapshot_id
    from snapshots
    where previous_snapshot_id is not null
    union
    select earlier.snapshot_id as from_snapshot_id, later.snapshot_id as to_snapshot_id
    from snapshots as later
    inner join snapshots as earlier
        on
            later.council_code = earlier.council_code
            and earlier.snapshot_date = cast({{ dbt.dateadd('month', -12, 'later.snapshot_date') }} as date)
    union
    select earlier.snapshot_id as from_snapshot_id, later.snapshot_id as to_snapshot_id
    from asked
    inner join snapshots as earlier
        on asked.council_code = earlier.council_code and asked.from_date = earlier.snapshot_date
    inner join snapshots as later
        on asked.council_code = later.council_code and asked.to_date = later.snapshot_date

)

select
    concat(from_snapshot_id, ' to ', to_snapshot_id) as pair_id,
    from_snapshot_id,
    to_snapshot_id
from pairs
