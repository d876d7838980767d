-- The published table says in its heading when it was last updated; forecast years print no deflator.
with

cells as (

    {{ register_cells('gdp_deflator_published') }}

),

published as (

    select sheet_id, cast(printed_text as date) as published_on
    from {{ source('raw', 'sheet_note') }}
    where kind = 'published_on'

),

years as (

    select
        source_id,
        sheet_id,
        row_number,
        substr(max(case when field = 'Financial year' then trim(printed_text) end), 1, 7) as financial_year,
        max(case when field = '2022-23 = 100' then trim(printed_text) end) as deflator
    from cells
    group by source_id, sheet_id, row_number

)

select
    years.source_id,
    years.row_number,
    years.financial_year,
    {{ printed_number('years.deflator') }} as deflator,
    '2022-23' as base_year,
    published.published_on
from years
left join published on years.sheet_id = published.sheet_id
