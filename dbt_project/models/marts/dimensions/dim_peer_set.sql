with

members as (

    select * from {{ ref('int_peer_member') }}

),

pairs as (

    select
        own.peer_set,
        own.version,
        own.financial_year,
        own.member_code as council_code,
        peers.member_code as peer_code,
        cast(
            row_number() over (partition by own.group_key, own.member_code order by peers.member_code) as integer
        ) as peer_rank,
        own.borrowed_from
    from members as own
    inner join members as peers on own.group_key = peers.group_key and own.member_code <> peers.member_code
    where own.owner_code is null
    union all
    select
        peer_set,
        version,
        financial_year,
        owner_code as council_code,
        member_code as peer_code,
        peer_rank,
        borrowed_from
    from members
    where owner_code is not null

)

select
    peer_set,
    version,
    council_code,
    peer_code,
    max(peer_rank) as peer_rank,
    min(financial_year) as counts_from,
    max(financial_year) as counts_to,
    max(borrowed_from) as borrowed_from
from pairs
group by peer_set, version, council_code, peer_code
