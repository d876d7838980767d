-- Each figure's place in each group it is compared with, in both bases: also where it has no value, or no other council
-- has.
with

figures as (

    select figure_key, series_key, council_code, financial_year from {{ ref('cmp_figure') }}

),

placed as (

    select * from {{ ref('cmp_value') }}

),

members as (

    select * from {{ ref('int_peer_member') }}

),

-- In a class, a region or England the council is one of the group.
own_places as (

    select
        placed.figure_key,
        placed.basis_key,
        members.group_key,
        row_number() over (
            partition by placed.series_key, placed.basis_key, members.group_key order by placed.place
        ) as own_rank
    from placed
    inner join members
        on placed.council_code = members.member_code and placed.financial_year = members.financial_year
    where members.owner_code is null

),

-- In a list it is not.
list_places as (

    select
        placed.figure_key,
        placed.basis_key,
        members.group_key,
        1 + sum(case when peers.place < placed.place then 1 else 0 end) as own_rank
    from placed
    inner join members
        on placed.council_code = members.owner_code and placed.financial_year = members.financial_year
    inner join placed as peers
        on
            placed.series_key = peers.series_key
            and placed.basis_key = peers.basis_key
            and members.member_code = peers.council_code
    group by placed.figure_key, placed.basis_key, members.group_key

),

places as (

    select figure_key, basis_key, group_key, own_rank from own_places
    union all
    select figure_key, basis_key, group_key, own_rank from list_places

),

memberships as (

    select distinct
        financial_year,
        coalesce(owner_code, member_code) as council_code,
        group_key,
        owner_code is null as is_member
    from members

),

bases as (

    select 0 as basis_key
    union all
    select 1 as basis_key

),

offered as (

    select
        figures.figure_key,
        figures.series_key,
        bases.basis_key,
        memberships.group_key,
        memberships.is_member
    from figures
    inner join memberships
        on figures.council_code = memberships.council_code and figures.financial_year = memberships.financial_year
    cross join bases

)

select
    offered.figure_key,
    offered.series_key,
    offered.basis_key,
    offered.group_key,
    offered.is_member,
    cast(case when placed.value is not null then coalesce(places.own_rank, 1) end as integer) as own_rank,
    placed.value,
    placed.numerator,
    placed.denominator,
    placed.n_lower,
    placed.n_england
from offered
left join placed on offered.figure_key = placed.figure_key and offered.basis_key = placed.basis_key
left join places
    on
        offered.figure_key = places.figure_key
        and offered.basis_key = places.basis_key
        and offered.group_key = places.group_key
