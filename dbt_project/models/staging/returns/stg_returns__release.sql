{{ config(materialized='view') }}
with

releases as (

    select * from {{ source('raw', 'release') }}

)

select
    release_id,
    source_id,
    layout,
    collection,
    financial_year,
    cast(
        concat(cast(cast(substr(financial_year, 1, 4) as integer) + 1 as {{ dbt.type_string() }}), '-03-31') as date
    ) as year_ends_on,
    status,
    coverage,
    precedence,
    title,
    published_on,
    origin,
    received_at
from releases
