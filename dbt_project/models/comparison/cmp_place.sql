-- Each figure's rank in each group it is compared with, in both bases. A figure without a value in a basis, or in a
-- group where no other council has one, has a row too.
with

figures as (

    select figure_key, series_key, council_code, financial_year from {{ ref('cmp_figure') }}

),

ranked as (

    select * from {{ ref('cmp_value') }}

),

members as (

    select * from {{ ref('int_peer_member') }}

),

memberships as (

    select * from {{ ref('int_membership') }}

),

-- In a class, a region or England the council is one of the group.
group_ranks as (

    select
        ranked.figure_key,
        ranked.basis_key,
        members.group_key,
        row_number() over (
            partition by ranked.series_key, ranked.basis_key, members.group_key order by ranked.rank_in_england
        ) as own_rank
    from ranked
    inner join members
        on ranked.council_code = members.member_code and ranked.financial_year = members.financial_year
    where members.owner_code is null

),

-- In a list of peers it is not: it is ranked among its peers and itself.
list_ranks as (

    select
        ranked.figure_key,
        ranked.basis_key,
        members.group_key,
        1 + sum(case when peers.rank_in_england < ranked.rank_in_england then 1 else 0 end) as own_rank
    from ranked
    inner join members
        on ranked.council_code = members.owner_code and ranked.financial_year = members.financial_year
    inner join ranked as peers
        on
            ranked.series_key = peers.series_key
            and ranked.basis_key = peers.basis_key
            and members.member_code = peers.council_code
    group by ranked.figure_key, ranked.basis_key, members.group_key

),

ranks as (

    select figure_key, basis_key, group_key, own_rank from group_ranks
    union all
    select figure_key, basis_key, group_key, own_rank from list_ranks

),

bases as (

    select 0 as basis_key
    union all
    select 1 as basis_key

),

comparisons as (

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
    comparisons.figure_key,
    comparisons.series_key,
    comparisons.basis_key,
    comparisons.group_key,
    comparisons.is_member,
    cast(case when ranked.value is not null then coalesce(ranks.own_rank, 1) end as integer) as own_rank,
    ranked.value,
    ranked.numerator,
    ranked.denominator,
    ranked.n_lower,
    ranked.n_england
from comparisons
left join ranked on comparisons.figure_key = ranked.figure_key and comparisons.basis_key = ranked.basis_key
left join ranks
    on
        comparisons.figure_key = ranks.figure_key
        and comparisons.basis_key = ranks.basis_key
        and comparisons.group_key = ranks.group_key
