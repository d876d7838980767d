-- Each figure's rank in each group it is compared with, in both bases; once where nothing of the group differs between
-- them, which is so for six of seven. A figure without a value in a basis, or in a group where no other council has
-- one, has a row too.
with

figures as (

    select figure_key, series_key, council_code, financial_year from {{ ref('cmp_figure') }}

),

ranked as (

    select * from {{ ref('cmp_value') }}

),

groups as (

    select series_key, group_key, is_same_in_both from {{ ref('cmp_group') }} where basis_key = 0

),

members as (

    select * from {{ ref('int_peer_member') }}

),

memberships as (

    select * from {{ ref('int_membership') }}

),

bases as (

    select 0 as basis_key
    union all
    select 1 as basis_key

),

-- A list has no group where none of its peers reports.
placed as (

    select
        figures.figure_key,
        figures.series_key,
        figures.council_code,
        figures.financial_year,
        memberships.group_key,
        memberships.is_member,
        own.is_same_in_both and coalesce(groups.is_same_in_both, true) as is_same_in_both
    from figures
    inner join memberships
        on figures.council_code = memberships.council_code and figures.financial_year = memberships.financial_year
    inner join ranked as own on figures.figure_key = own.figure_key and own.basis_key = 0
    left join groups
        on figures.series_key = groups.series_key and memberships.group_key = groups.group_key

),

comparisons as (

    select placed.*, bases.basis_key
    from placed
    inner join bases on bases.basis_key = 0 or not placed.is_same_in_both

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

)

select
    comparisons.figure_key,
    comparisons.series_key,
    comparisons.basis_key,
    comparisons.group_key,
    comparisons.is_member,
    comparisons.is_same_in_both,
    cast(case when ranked.value is not null then coalesce(ranks.own_rank, 1) end as integer) as own_rank,
    ranked.value,
    ranked.numerator,
    ranked.denominator
from comparisons
left join ranked on comparisons.figure_key = ranked.figure_key and comparisons.basis_key = ranked.basis_key
left join ranks
    on
        comparisons.figure_key = ranks.figure_key
        and comparisons.basis_key = ranks.basis_key
        and comparisons.group_key = ranks.group_key
