with

files as (

    select * from {{ ref('stg_returns__source_file') }}

),

stored as (

    select distinct source_id from {{ ref('stg_placement__snapshots') }}

),

current_snapshots as (

    select distinct source_id from {{ ref('int_snapshot') }}

)

select
    files.sha256,
    files.file_name,
    files.layout,
    files.status,
    files.reason,
    case when files.is_loaded then files.n_rows end as {{ adapter.quote('rows') }},
    files.n_cells,
    files.bytes,
    files.encoding,
    files.origin
from files
left join stored on files.source_id = stored.source_id
left join current_snapshots on files.source_id = current_snapshots.source_id
-- A snapshot that a newer one of the same council and day displaced is taken out as soon as this release is accepted.
where stored.source_id is null or current_snapshots.source_id is not null
