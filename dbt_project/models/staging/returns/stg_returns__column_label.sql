{{ config(materialized='view') }}
with

labels as (

    select * from {{ source('raw', 'column_label') }}

)

select
    sheet_id,
    column_number,
    financial_year,
    area_kind,
    nullif(council_code, '') as council_code,
    area,
    line,
    component
from labels
