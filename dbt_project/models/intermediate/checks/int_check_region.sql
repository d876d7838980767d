-- What gate A asks of a line over the councils of a region: do they add up to the printed region, where each reports?
with

lines as (

    select lines.*
    from {{ ref('int_line') }} as lines
    inner join {{ ref('collection') }} as collections on lines.collection = collections.collection
    where
        lines.role = 'value' and lines.family <> 'unit_cost' and lines.measure_id is not null
        and collections.england_total_of not in ('none', 'all_authorities')

),

cells as (

    select * from {{ ref('int_return_cell') }}

),

councils as (

    select
        lines.line_key,
        lines.release_id,
        cells.council_code,
        cells.number,
        council_years.region
    from cells
    inner join lines on cells.line_key = lines.line_key
    inner join {{ ref('int_council_year') }} as council_years
        on cells.council_code = council_years.council_code and lines.financial_year = council_years.financial_year
    where cells.area_kind = 'council'

),

-- The region's councils that the release holds at all; gate A asks elsewhere whether it holds all of England's.
due as (

    select
        release_id,
        region,
        count(distinct council_code) as n_councils
    from councils
    group by release_id, region

),

summed as (

    select
        line_key,
        release_id,
        region,
        count(number) as n_numbers,
        sum(number) as councils_value
    from councils
    group by line_key, release_id, region

),

printed as (

    select
        cells.line_key,
        cells.row_number,
        cells.column_number,
        cells.number as region_value,
        coalesce(names.region, trim(cells.area)) as region
    from cells
    left join {{ ref('region_name') }} as names on lower(trim(cells.area)) = names.printed
    where cells.area_kind = 'region' and cells.number is not null

),

checks as (

    select
        lines.release_id,
        lines.financial_year,
        lines.line,
        lines.component,
        lines.measure_id,
        printed.row_number,
        printed.column_number,
        summed.region,
        due.n_councils,
        due.n_councils - summed.n_numbers as n_missing,
        summed.councils_value,
        printed.region_value,
        -- Numbers of people are printed to the nearest five.
        case when lines.family in ('activity', 'people') then 2.5 * (summed.n_numbers + 1) else 0 end as rounding
    from summed
    inner join lines on summed.line_key = lines.line_key
    inner join due on summed.release_id = due.release_id and summed.region = due.region
    inner join printed on summed.line_key = printed.line_key and summed.region = printed.region

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.release_id,
    checks.financial_year,
    checks.line,
    checks.component,
    checks.measure_id,
    checks.row_number,
    checks.column_number,
    checks.region,
    checks.n_councils,
    checks.n_missing,
    checks.councils_value,
    checks.region_value,
    case
        when checks.n_missing = 0 and checks.region_value > 0
            then {{ ratio(
                '100 * greatest(abs(checks.councils_value - checks.region_value) - checks.rounding, 0)',
                'checks.region_value'
            ) }}
    end as region_difference_pct,
    releases.file_name,
    {{ no_finding_columns(['figure_id', 'council_code']) }}
from checks
left join releases on checks.release_id = releases.release_id
