select
    release_id,
    collection,
    financial_year,
    status,
    published_on,
    file_name,
    source_id as sha256,
    title,
    coverage,
    origin
from {{ ref('int_release') }}
