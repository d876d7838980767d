select
    sha256,
    file_name,
    layout,
    status,
    reason,
    n_rows as {{ adapter.quote('rows') }},
    n_cells,
    bytes,
    encoding,
    origin
from {{ source('raw', 'source_file') }}
