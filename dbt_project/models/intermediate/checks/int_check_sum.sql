-- What gate A asks of a line over all councils: do they add up to the printed England, where every one of them reports?
with

lines as (

    select lines.*
    from {{ ref('int_line') }} as lines
    inner join {{ ref('collection') }} as collections on lines.collection = collections.collection
    where
        lines.role = 'value' and lines.family <> 'unit_cost' and lines.measure_id is not null
        -- Scores do not add up, and the outturn's printed England includes other authorities.
        and collections.england_total_of not in ('none', 'all_authorities')

),

cells as (

    select * from {{ ref('int_return_cell') }}

),

summed as (

    select
        line_key,
        sum(case when area_kind = 'council' then 1 else 0 end) as n_councils,
        min(case when area_kind = 'council' then row_number end) as row_number,
        min(case when area_kind = 'council' then column_number end) as column_number,
        sum(case when area_kind = 'council' then number end) as councils_value,
        sum(case when area_kind = 'council' and number is null then 1 else 0 end) as n_missing,
        sum(case when area_kind = 'region' then number end) as regions_value,
        max(case when area_kind = 'england' then number end) as england_value
    from cells
    group by line_key

),

compared as (

    select
        lines.release_id,
        lines.financial_year,
        lines.line,
        lines.measure_id,
        summed.row_number,
        summed.column_number,
        summed.n_missing,
        summed.councils_value,
        summed.regions_value,
        summed.england_value,
        -- Numbers of people are printed to the nearest five: a hundred and fifty of them may miss their sum by so much.
        case when lines.family in ('activity', 'people') then 2.5 * (summed.n_councils + 1) else 0 end as rounding
    from summed
    inner join lines on summed.line_key = lines.line_key
    where summed.england_value is not null and summed.councils_value is not null

),

checks as (

    select
        release_id,
        financial_year,
        line,
        measure_id,
        row_number,
        column_number,
        n_missing,
        councils_value,
        regions_value,
        england_value,
        -- Only where every council reports: the printed England may include estimates for those that do not.
        case
            when n_missing = 0 and england_value > 0
                then {{ ratio(
                    '100 * greatest(abs(councils_value - england_value) - rounding, 0)', 'england_value'
                ) }}
        end as england_difference_pct
    from compared

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name,
    {{ no_finding_columns(['figure_id', 'council_code']) }}
from checks
left join releases on checks.release_id = releases.release_id
