select
    source_id,
    field,
    column_name,
    column_number,
    n_values_dropped
from {{ source('placements', 'snapshot_column') }}
