-- Where each figure of the headline measures, and of the unit costs that several years print, stands among its peers. A
-- figure without a value, or with too few peers, has no place.
with

all_figures as (

    select * from {{ ref('cmp_figure') }}

),

places as (

    select * from {{ ref('cmp_place') }} where value is not null

),

groups as (

    select series_key, basis_key, group_key, n_members from {{ ref('cmp_group') }}

),

peer_sets as (

    select distinct group_key, peer_set from {{ ref('int_peer_member') }}

),

unit_costs as (

    select distinct measure_id
    from {{ ref('int_measure') }}
    where family = 'unit_cost' and coalesce(quantity, '') not in ('unit_cost_numerator', 'unit_cost_denominator')

),

measures as (

    select measure_id from {{ ref('believed_measure') }}
    union
    select all_figures.measure_id
    from all_figures
    inner join unit_costs on all_figures.measure_id = unit_costs.measure_id
    group by all_figures.measure_id
    having count(distinct all_figures.financial_year) > 1

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

),

figures as (

    select all_figures.*
    from all_figures
    inner join measures on all_figures.measure_id = measures.measure_id

),

ranked as (

    select
        figures.figure_key,
        figures.council_code,
        figures.council,
        figures.financial_year,
        figures.measure_id,
        figures.definition_version,
        figures.unit,
        peer_sets.peer_set,
        places.basis_key,
        places.is_same_in_both,
        places.value,
        places.own_rank,
        coalesce(groups.n_members, 0) - case when places.is_member then 1 else 0 end as n_peers
    from figures
    inner join places on figures.figure_key = places.figure_key
    inner join peer_sets on places.group_key = peer_sets.group_key
    left join groups
        on
            places.series_key = groups.series_key
            and places.basis_key = groups.basis_key
            and places.group_key = groups.group_key

),

-- What is equal in both bases is stored once.
in_both_bases as (

    select ranked.*, 'as_returned' as basis from ranked where ranked.basis_key = 0
    union all
    select ranked.*, 'excluding_flagged' as basis from ranked where ranked.basis_key = 1 or ranked.is_same_in_both

)

select
    in_both_bases.figure_key,
    in_both_bases.council_code,
    in_both_bases.council,
    in_both_bases.financial_year,
    cast(substr(in_both_bases.financial_year, 1, 4) as integer) as first_year,
    in_both_bases.measure_id,
    in_both_bases.definition_version,
    in_both_bases.peer_set,
    in_both_bases.basis,
    in_both_bases.value,
    in_both_bases.unit,
    in_both_bases.own_rank,
    cast(in_both_bases.n_peers + 1 as integer) as n_ranked,
    {{ quartile_band('in_both_bases.own_rank', '(in_both_bases.n_peers + 1)') }} as quartile_band
from in_both_bases
cross join parameters
where in_both_bases.n_peers >= parameters.fewest_peers
