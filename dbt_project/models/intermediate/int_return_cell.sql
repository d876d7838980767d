-- The meeting point of all returns: whatever the file looked like, a cell is a number or a reason at a place.
with

cells as (

    select * from {{ ref('stg_pssex1__unit_costs') }}
    union all
    select * from {{ ref('stg_ascfr__unit_costs_2014_15') }}
    union all
    select * from {{ ref('stg_compiled__unit_costs') }}

),

releases as (

    select release_id, source_id, collection, financial_year from {{ source('raw', 'release') }}

)

select
    releases.release_id,
    releases.collection,
    cells.source_id,
    cells.sheet,
    cells.row_number,
    cells.column_number,
    cells.financial_year,
    cells.area_kind,
    cells.council_code,
    cells.line,
    cells.component,
    cells.printed_text,
    cells.number,
    cells.missing_reason,
    cells.is_flagged_by_publisher
from cells
inner join releases
    on cells.source_id = releases.source_id and cells.financial_year = releases.financial_year
