{{ config(materialized='view') }}
with

labels as (

    select * from {{ source('raw', 'row_label') }}

)

select
    sheet_id,
    row_number,
    financial_year,
    area_kind,
    nullif(council_code, '') as council_code,
    area,
    line,
    component,
    lower(client_group) as client_group,
    lower(age_band) as age_band,
    lower(service) as service,
    lower(provision) as provision,
    lower(data_type) as data_type,
    source as compiled_from,
    source_row as compiled_from_row,
    source_column as compiled_from_column
from labels
