{{ config(materialized='view') }}
with

snapshots as (

    select * from {{ source('placements', 'snapshot') }}

)

select
    snapshot_id,
    source_id,
    mapping,
    council_code,
    snapshot_date,
    {{ financial_year_of('snapshot_date') }} as financial_year,
    n_rows,
    is_synthetic,
    received_at,
    load_order
from snapshots
