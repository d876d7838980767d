-- The ONS statistical nearest neighbours as a peer set, year by year: the first fifteen of the twenty in the file that
-- were councils in the year. The file is drawn for later councils; where one simply replaced another (Buckinghamshire
-- in 2020) its list is used for both. A council created or abolished by a merger or split takes no other council's
-- list: it has neighbours, and is one, only in years when the council listed existed.
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

by_year as (

    select
        versions.version,
        own.financial_year,
        own.council_code,
        peer.council_code as peer_code,
        neighbours.neighbour_rank as peer_rank,
        row_number() over (
            partition by own.financial_year, own.council_code
            order by neighbours.neighbour_rank
        ) as rank_of_peer
    from neighbours
    inner join files on neighbours.source_id = files.source_id and files.rank_of_file = 1
    inner join versions on neighbours.source_id = versions.source_id
    inner join councils as listed on neighbours.ons_code = listed.ons_code
    inner join councils as listed_peer on neighbours.neighbour_ons_code = listed_peer.ons_code
    inner join codes as own on listed.council_code = own.listed_code
    inner join codes as peer
        on listed_peer.council_code = peer.listed_code and own.financial_year = peer.financial_year

)

select
    'ons_neighbours' as peer_set,
    version,
    financial_year,
    council_code,
    peer_code,
    peer_rank
from by_year
where rank_of_peer <= 15
