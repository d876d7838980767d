with

releases as (

    select * from {{ source('raw', 'release') }}

),

files as (

    select source_id, min(file_name) as file_name
    from {{ source('raw', 'source_file') }}
    where status = 'loaded'
    group by source_id

)

select
    releases.release_id,
    releases.collection,
    releases.financial_year,
    releases.status,
    releases.published_on,
    files.file_name,
    releases.source_id as sha256,
    releases.title,
    releases.coverage,
    releases.origin
from releases
inner join files on releases.source_id = files.source_id
