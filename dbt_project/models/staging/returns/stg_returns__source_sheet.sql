{{ config(materialized='view') }}
with

sheets as (

    select * from {{ source('raw', 'source_sheet') }}

)

select
    sheet_id,
    source_id,
    sheet,
    layout,
    kind = 'return' as is_return,
    collection,
    term_set,
    has_parts,
    financial_year
from sheets
