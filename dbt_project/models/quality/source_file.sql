with

files as (

    select * from {{ source('raw', 'source_file') }}

),

stored_rows as (

    select distinct
        source_id,
        sheet,
        row_number
    from {{ source('raw', 'cell') }}

),

counted as (

    select
        source_id,
        count(*) as n_rows
    from stored_rows
    group by source_id

)

select
    files.sha256,
    files.file_name,
    files.layout,
    files.status,
    files.reason,
    counted.n_rows as {{ adapter.quote('rows') }},
    files.n_cells,
    files.bytes,
    files.encoding,
    files.origin
from files
left join counted on files.source_id = counted.source_id and files.status = 'loaded'
