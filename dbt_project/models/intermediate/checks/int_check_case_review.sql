-- Which line of an export each reviewed row stands for, and why where it stands for none.
with

reviews as (

    select * from {{ ref('stg_register__case_reviews') }}

),

files as (

    select source_id, file_name from {{ ref('stg_returns__source_file') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

lines as (

    select snapshot_id, row_number, rejected_by, is_current from {{ ref('int_placement_line') }}

),

found as (

    select
        reviews.*,
        files.file_name,
        snapshots.snapshot_id,
        snapshots.file_name as snapshot_file,
        case
            when snapshots.snapshot_id is null then 'no snapshot of that council and day is in the warehouse'
            when snapshots.file_name <> reviews.export_name
                then concat('the snapshot of that council and day is ', snapshots.file_name)
            when lines.row_number is null then 'the file has no line in that row'
            when lines.rejected_by is not null then concat('that line was left out by rule ', lines.rejected_by)
            when not lines.is_current then 'that line was not running on that day'
        end as why_not
    from reviews
    left join files on reviews.source_id = files.source_id
    left join snapshots
        on reviews.council_code = snapshots.council_code and reviews.snapshot_date = snapshots.snapshot_date
    left join lines
        on
            snapshots.snapshot_id = lines.snapshot_id
            and reviews.export_name = snapshots.file_name
            and reviews.export_row = lines.row_number

)

select
    source_id as release_id,
    file_name,
    row_number,
    council_code,
    {{ financial_year_of('snapshot_date') }} as financial_year,
    snapshot_date,
    export_name,
    export_row,
    case when why_not is null then 0 else 1 end as without_line,
    why_not,
    {{ no_finding_columns(['measure_id', 'figure_id', 'column_number']) }}
from found
