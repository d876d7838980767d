-- Snapshots in use, each with the one before of the same council.
with

snapshots as (

    select
        *,
        -- Of two snapshots of one council and day, the one that was loaded last is used.
        row_number() over (partition by council_code, snapshot_date order by load_order desc) as rank_newest
    from {{ ref('stg_placement__snapshots') }}
    {%- if var('as_known_on', '') %}
    where snapshot_date <= cast('{{ var("as_known_on") }}' as date)
    {%- endif %}

),

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

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
    snapshots.financial_year,
    snapshots.n_rows,
    snapshots.is_synthetic,
    snapshots.received_at,
    lag(snapshots.snapshot_id) over (
        partition by snapshots.council_code order by snapshots.snapshot_date
    ) as previous_snapshot_id
from snapshots
inner join files on snapshots.source_id = files.source_id
inner join councils
    on
        snapshots.council_code = councils.council_code
        and snapshots.snapshot_date >= councils.valid_from
        and snapshots.snapshot_date <= coalesce(councils.valid_to, cast('9999-12-31' as date))
where snapshots.rank_newest = 1
