-- Population by council from every file that has it, and which row to use. Where a file has only the later councils, an
-- earlier council is the sum of its successors; no later council's number is ever divided among earlier ones.
with

census as (

    select * from {{ ref('england_population') }}

),

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

direct as (

    select * from {{ ref('int_population_of_area') }}

),

derived as (

    select * from {{ ref('int_population_merged') }}

),

everything as (

    select
        source_id, layout, precedence, mid_year, council_code, ons_code, age_band, people, status,
        {{ adapter.quote('precision') }}, source, 0 as is_derived,
        is_area_of_year
    from direct
    union all
    select
        source_id, layout, precedence, mid_year, council_code,
        cast(null as {{ dbt.type_string() }}) as ons_code,
        age_band, people, status, {{ adapter.quote('precision') }}, source, 1 as is_derived, true as is_area_of_year
    from derived

),

ranked as (

    select
        everything.*,
        -- A printed number comes before a sum, the publisher's file before an extract, then the file received last.
        row_number() over (
            partition by
                everything.council_code, everything.mid_year, everything.age_band, everything.is_area_of_year
            order by
                everything.is_derived, everything.precedence, files.received_at desc, everything.source_id,
                everything.ons_code
        ) as rank_of_file
    from everything
    inner join files on everything.source_id = files.source_id

)

select
    ranked.council_code,
    ranked.mid_year,
    concat(
        cast(ranked.mid_year as {{ dbt.type_string() }}),
        '-',
        substr(cast(ranked.mid_year + 1 as {{ dbt.type_string() }}), 3, 2)
    ) as financial_year,
    ranked.age_band,
    ranked.people,
    ranked.status,
    ranked.{{ adapter.quote('precision') }},
    census.census_base,
    ranked.source,
    ranked.layout,
    ranked.ons_code,
    ranked.is_area_of_year,
    ranked.is_area_of_year and ranked.rank_of_file = 1 as is_current,
    ranked.source_id
from ranked
left join census on ranked.mid_year = cast(census.mid_year as integer)
