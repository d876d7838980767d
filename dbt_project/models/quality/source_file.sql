select
    sha256,
    file_name,
    layout,
    status,
    reason,
    -- How many rows a snapshot has would give hidden counts of people back; of what was taken out again nothing tells
    -- whether it was one.
    case
        when source_id in (select source_id from {{ source('raw', 'snapshot') }}) then {{ shown_people('n_rows') }}
        when status = 'loaded' then n_rows
    end as {{ adapter.quote('rows') }},
    n_cells,
    bytes,
    encoding,
    origin
from {{ source('raw', 'source_file') }}
-- A snapshot that a newer one of the same council and day displaced is taken out as soon as this release is accepted.
where
    source_id not in (select source_id from {{ source('raw', 'snapshot') }})
    or source_id in (select source_id from {{ ref('stg_placement__snapshots') }})
