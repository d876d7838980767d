-- noqa: disable=LT02,LT05
with

snapshots as (

    select
        *,
        -- Of two of a council and day the one that was loaded last counts.
        row_number() over (partition by council_code, snapshot_date order by load_order desc) as place
    from {{ source('raw', 'snapshot') }}

),

files as (

    select * from {{ source('raw', 'source_file') }}

),

councils as (

    select * from {{ ref('council') }}

)

select
    snapshots.snapshot_id,
    snapshots.source_id,
    files.file_name,
    snapshots.mapping,
    snapshots.council_code,
    councils.council,
    snapshots.snapshot_date,
    {{ financial_year_of('snapshots.snapshot_date') }} as financial_year,
    snapshots.n_rows,
    snapshots.is_synthetic,
    snapshots.received_at
from snapshots
inner join files on snapshots.source_id = files.source_id and files.status = 'loaded'
inner join councils
    on
        snapshots.council_code = councils.council_code
        and snapshots.snapshot_date >= councils.valid_from
        and snapshots.snapshot_date <= coalesce(councils.valid_to, cast('9999-12-31' as date))
where
    snapshots.place = 1
    {%- if var('as_known_on', '') %}
    and snapshots.snapshot_date <= cast('{{ var("as_known_on") }}' as date)
    {%- endif %}
