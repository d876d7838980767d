with

columns as (

    select * from {{ ref('stg_placement__columns') }}

),

files as (

    select distinct source_id, file_name from {{ ref('int_snapshot') }}

)

select
    files.file_name,
    columns.column_number,
    columns.column_name,
    columns.field,
    coalesce(columns.field, 'dropped') as field_or_dropped,
    columns.field is null as is_dropped,
    cast(columns.n_values_dropped as integer) as n_values_dropped,
    cast(round(columns.n_values_dropped / 5.0) * 5 as integer) as n_values_dropped_rounded
from columns
inner join files on columns.source_id = files.source_id
