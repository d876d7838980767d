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
    component,
    lower(client_group) as client_group,
    lower(age_band) as age_band,
    lower(service) as service,
    lower(provision) as provision
from labels
