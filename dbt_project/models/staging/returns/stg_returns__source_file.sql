{{ config(materialized='view') }}
with

files as (

    select * from {{ source('raw', 'source_file') }}

)

select
    source_id,
    file_name,
    sha256,
    layout,
    status,
    status = 'loaded' as is_loaded,
    reason,
    origin,
    encoding,
    bytes,
    n_cells,
    n_rows,
    received_at
from files
