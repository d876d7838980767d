-- The ONS statistical nearest neighbours as a peer set, year by year: the first fifteen of the twenty in the file that
-- were councils in the year. The file is drawn for later councils; where one simply replaced another (Buckinghamshire
-- in 2020) its list is used for both. A council that the file does not name, since it was created or abolished by a
-- merger or split, has the nearest of the lists of what it became or came from, and the row says whose they are; it is
-- no neighbour of others.
with

neighbours as (

    select * from {{ ref('stg_reference__statistical_neighbours') }}

),

councils as (

    select * from {{ ref('council') }}

),

council_years as (

    select * from {{ ref('int_council_year') }}

),

recodes as (

    select old_council_code, new_council_code
    from {{ ref('council_change') }}
    where change = 'recode' and old_council_code <> new_council_code

),

-- Each way of a merger or split, since the file may name either side of it.
changes as (

    select old_council_code as council_code, new_council_code as related_code
    from {{ ref('council_change') }}
    where change <> 'recode' and old_council_code <> new_council_code
    union
    select new_council_code as council_code, old_council_code as related_code
    from {{ ref('council_change') }}
    where change <> 'recode' and old_council_code <> new_council_code

),

files as (

    select
        source_id,
        row_number() over (order by received_at desc, source_id) as rank_of_file
    from {{ ref('stg_returns__source_file') }}
    where is_loaded and source_id in (select neighbours.source_id from neighbours)

),

-- The version of a list is the year in which its newest council came into being.
versions as (

    select
        neighbours.source_id,
        concat(
            substr(cast(max(councils.valid_from) as {{ dbt.type_string() }}), 1, 4),
            '-',
            substr(
                cast(
                    cast(substr(cast(max(councils.valid_from) as {{ dbt.type_string() }}), 1, 4) as integer) + 1
                    as {{ dbt.type_string() }}
                ),
                3, 2
            )
        ) as version
    from neighbours
    inner join councils on neighbours.ons_code = councils.ons_code
    group by neighbours.source_id

),

-- The code that a council of the list had in each year.
codes as (

    select financial_year, council_code as listed_code, council_code
    from council_years
    union all
    select council_years.financial_year, recodes.new_council_code as listed_code, council_years.council_code
    from council_years
    inner join recodes on council_years.council_code = recodes.old_council_code
    union all
    select council_years.financial_year, recodes.old_council_code as listed_code, council_years.council_code
    from council_years
    inner join recodes on council_years.council_code = recodes.new_council_code

),

listed as (

    select
        neighbours.source_id,
        own.council_code as listed_code,
        peer.council_code as listed_peer_code,
        neighbours.neighbour_rank
    from neighbours
    inner join files on neighbours.source_id = files.source_id and files.rank_of_file = 1
    inner join councils as own on neighbours.ons_code = own.ons_code
    inner join councils as peer on neighbours.neighbour_ons_code = peer.ons_code

),

owned as (

    select codes.financial_year, codes.council_code, codes.listed_code, cast(null as {{ dbt.type_string() }}) as list_of
    from codes
    where codes.listed_code in (select listed.listed_code from listed)

),

borrowed as (

    select
        council_years.financial_year,
        council_years.council_code,
        changes.related_code as listed_code,
        changes.related_code as list_of
    from council_years
    inner join changes on council_years.council_code = changes.council_code
    left join owned
        on council_years.council_code = owned.council_code and council_years.financial_year = owned.financial_year
    where owned.council_code is null and changes.related_code in (select listed.listed_code from listed)

),

lists as (

    select * from owned
    union all
    select * from borrowed

),

-- A peer that is in two lists counts once, by its nearer rank.
by_year as (

    select
        listed.source_id,
        lists.financial_year,
        lists.council_code,
        peer.council_code as peer_code,
        min(listed.neighbour_rank) as peer_rank
    from lists
    inner join listed on lists.listed_code = listed.listed_code
    inner join codes as peer
        on listed.listed_peer_code = peer.listed_code and lists.financial_year = peer.financial_year
    where peer.council_code <> lists.council_code
    group by listed.source_id, lists.financial_year, lists.council_code, peer.council_code

),

ranked as (

    select
        *,
        row_number() over (partition by financial_year, council_code order by peer_rank, peer_code) as rank_of_peer
    from by_year

),

named as (

    select financial_year, council_code, {{ joined_list('list_of') }} as borrowed_from
    from lists
    group by financial_year, council_code

)

select
    'ons_neighbours' as peer_set,
    versions.version,
    ranked.financial_year,
    ranked.council_code,
    ranked.peer_code,
    ranked.peer_rank,
    named.borrowed_from
from ranked
inner join versions on ranked.source_id = versions.source_id
inner join named on ranked.financial_year = named.financial_year and ranked.council_code = named.council_code
where ranked.rank_of_peer <= 15
