-- Releases with the name of the file they came in, and their rank among releases of the same figures.
with

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

-- The user's own register of dates and statuses, for files that do not print them.
register as (

    select
        sha256,
        max(published_on) as published_on,
        max(status) as status
    from {{ ref('stg_register__releases') }}
    group by sha256

),

releases as (

    select
        releases.release_id,
        releases.source_id,
        files.file_name,
        releases.layout,
        releases.collection,
        releases.financial_year,
        releases.year_ends_on,
        coalesce(register.status, releases.status) as status,
        releases.coverage,
        releases.precedence,
        releases.title,
        coalesce(register.published_on, releases.published_on) as published_on,
        releases.origin,
        releases.received_at
    from {{ ref('stg_returns__release') }} as releases
    inner join files on releases.source_id = files.source_id
    left join register on releases.source_id = register.sha256

)

select
    release_id,
    source_id,
    file_name,
    layout,
    collection,
    financial_year,
    status,
    coverage,
    title,
    published_on,
    origin,
    row_number() over (
        order by
            -- A file as published comes before an extract of it, all of England before a part, final before
            -- provisional, then the newest: by its date of publication where known, else by when it was received.
            precedence,
            case coverage when 'england' then 0 else 1 end,
            case status when 'final' then 0 else 1 end,
            published_on desc nulls last,
            received_at desc,
            release_id
    ) as precedence
from releases
{%- if var('as_known_on', '') %}
-- With as_known_on, releases not yet published on that day are left out; a file without a known date counts from the
-- end of its year.
where coalesce(published_on, year_ends_on) <= cast('{{ var("as_known_on") }}' as date)
{%- endif %}
