-- Releases with the name of the file they came in, and how they stand to other releases of the same figures.
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
    releases.source_id,
    files.file_name,
    releases.layout,
    releases.collection,
    releases.financial_year,
    releases.status,
    releases.coverage,
    releases.title,
    releases.published_on,
    releases.origin,
    row_number() over (
        order by
            -- As published before an extract of it, all of England before a part, final before provisional, then the
            -- newest: by its date where the file prints one, else by when it came.
            releases.precedence,
            case releases.coverage when 'england' then 0 else 1 end,
            case releases.status when 'final' then 0 else 1 end,
            releases.published_on desc nulls last,
            releases.received_at desc,
            releases.release_id
    ) as precedence
from releases
inner join files on releases.source_id = files.source_id
{%- if var('as_known_on', '') %}
-- What nobody could know yet on that day is left out; a file that prints no date was always known.
where releases.published_on is null or releases.published_on <= cast('{{ var("as_known_on") }}' as date)
{%- endif %}
