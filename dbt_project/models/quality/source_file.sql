select
    sha256,
    file_name,
    layout,
    status,
    reason,
    -- How many rows a snapshot has would give hidden counts of people back.
    case
        when source_id in (select source_id from {{ source('raw', 'snapshot') }}) then {{ shown_people('n_rows') }}
        else n_rows
    end as {{ adapter.quote('rows') }},
    n_cells,
    bytes,
    encoding,
    origin
from {{ source('raw', 'source_file') }}
