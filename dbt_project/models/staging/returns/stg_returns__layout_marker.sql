{{ config(materialized='view') }}
with

markers as (

    select * from {{ source('raw', 'layout_marker') }}

)

select
    layout,
    marker,
    missing_reason
from markers
