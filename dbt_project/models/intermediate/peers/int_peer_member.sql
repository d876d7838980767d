-- Who is compared with whom. A class, a region and England are one group each, in which every council is compared with
-- all others; a list (the ONS neighbours, or a user's peer set) is a group of peers for one council, its owner.
with

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

councils as (

    select * from {{ ref('int_council_year') }}

),

own_sets as (

    select * from {{ ref('stg_register__peer_sets') }}

),

-- The newest file takes precedence, set by set, and in it the newest version: 10 after 9, 2024-25 after 2023-24.
newest_own as (

    select
        own_sets.peer_set,
        own_sets.version,
        own_sets.source_id,
        row_number() over (
            partition by own_sets.peer_set
            order by
                max(files.received_at) desc, length(own_sets.version) desc, own_sets.version desc, own_sets.source_id
        ) as rank_of_version
    from own_sets
    inner join files on own_sets.source_id = files.source_id
    group by own_sets.peer_set, own_sets.version, own_sets.source_id

),

neighbours as (

    select * from {{ ref('int_neighbour') }}

),

own as (

    select
        own_sets.peer_set,
        own_sets.version,
        councils.financial_year,
        own_sets.council_code,
        own_sets.peer_code,
        own_sets.peer_rank
    from own_sets
    inner join newest_own
        on
            own_sets.peer_set = newest_own.peer_set
            and own_sets.version = newest_own.version
            and own_sets.source_id = newest_own.source_id
            and newest_own.rank_of_version = 1
    inner join councils on own_sets.council_code = councils.council_code

),

members as (
    {%- for peer_set, group_name in [('class', 'class'), ('region', 'region'), ('england', "'England'")] %}

    select
        '{{ peer_set }}' as peer_set,
        financial_year as version,
        financial_year,
        {{ group_name }} as group_name,
        cast(null as {{ dbt.type_string() }}) as owner_code,
        council_code as member_code,
        -- Members of a class or region are not nearer or farther: the rank only numbers them.
        cast(null as integer) as peer_rank,
        cast(null as {{ dbt.type_string() }}) as borrowed_from
    from councils
    where {{ group_name }} is not null
    union all
    {%- endfor %}
    select
        peer_set, version, financial_year, council_code as group_name, council_code as owner_code,
        peer_code as member_code, peer_rank, borrowed_from
    from neighbours
    union all
    select
        peer_set, version, financial_year, council_code as group_name, council_code as owner_code,
        peer_code as member_code, peer_rank, cast(null as {{ dbt.type_string() }}) as borrowed_from
    from own

)

select
    cast(dense_rank() over (order by peer_set, version, financial_year, group_name) as integer) as group_key,
    peer_set,
    version,
    financial_year,
    group_name,
    owner_code,
    member_code,
    peer_rank,
    borrowed_from
from members
