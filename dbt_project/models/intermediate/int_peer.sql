-- Who is compared with whom: the sets built from the council reference, as they stood each year, and the user's own.
with

councils as (

    select * from {{ ref('int_council_year') }}

),

own_sets as (

    select * from {{ ref('stg_register__peer_sets') }}

),

-- The newest file wins, set by set, and in it the newest version: 10 after 9, 2024-25 after 2023-24.
newest_own as (

    select
        own_sets.peer_set,
        own_sets.version,
        own_sets.source_id,
        row_number() over (
            partition by own_sets.peer_set
            order by
                max(files.received_at) desc, length(own_sets.version) desc, own_sets.version desc, own_sets.source_id
        ) as precedence
    from own_sets
    inner join {{ source('raw', 'source_file') }} as files
        on own_sets.source_id = files.source_id and files.status = 'loaded'
    group by own_sets.peer_set, own_sets.version, own_sets.source_id

),

neighbours as (

    select * from {{ ref('int_neighbour') }}

),

sets as (

    select 'class' as peer_set
    union all
    select 'region' as peer_set
    union all
    select 'england' as peer_set

),

built_in as (

    select
        sets.peer_set,
        councils.financial_year as version,
        councils.financial_year,
        councils.council_code,
        peers.council_code as peer_code
    from councils
    cross join sets
    inner join councils as peers
        on
            councils.financial_year = peers.financial_year
            and councils.council_code <> peers.council_code
            and (
                sets.peer_set = 'england'
                or (sets.peer_set = 'class' and councils.class = peers.class)
                or (sets.peer_set = 'region' and councils.region = peers.region)
            )

),

own as (

    select
        own_sets.peer_set,
        own_sets.version,
        councils.financial_year,
        own_sets.council_code,
        own_sets.peer_code,
        cast(own_sets.peer_rank as integer) as peer_rank
    from own_sets
    inner join newest_own
        on
            own_sets.peer_set = newest_own.peer_set
            and own_sets.version = newest_own.version
            and own_sets.source_id = newest_own.source_id
            and newest_own.precedence = 1
    inner join councils on own_sets.council_code = councils.council_code

)

select
    peer_set,
    version,
    financial_year,
    council_code,
    peer_code,
    -- Members of a class or region are not nearer or farther: the rank only numbers them.
    cast(
        row_number() over (partition by peer_set, version, council_code order by peer_code) as integer
    ) as peer_rank
from built_in
union all
select peer_set, version, financial_year, council_code, peer_code, peer_rank
from neighbours
union all
select peer_set, version, financial_year, council_code, peer_code, peer_rank
from own
