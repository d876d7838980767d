-- A council is compared with the sorted values of its group, its own value left out.
with

figures as (

    select * from {{ ref('cmp_figure') }}

),

-- Of the council's own figure, the same for all peer sets.
own as (

    select
        figure_key,
        max(case basis_key when 0 then value end) as value,
        max(case basis_key when 1 then value end) as ruled_value,
        max(case basis_key when 0 then {{ ratio('100 * n_lower', 'n_england - 1') }} end) as england_percentile,
        max(case basis_key when 1 then {{ ratio('100 * n_lower', 'n_england - 1') }} end) as ruled_england_percentile
    from {{ ref('cmp_value') }}
    group by figure_key

),

deflators as (

    select * from {{ ref('dim_deflator') }} where is_current

),

places as (

    select * from {{ ref('cmp_place') }}

),

groups as (

    select * from {{ ref('cmp_group') }}

),

peer_sets as (

    select distinct group_key, peer_set, version, borrowed_from from {{ ref('int_peer_member') }}

),

series as (

    select series_key, max(scale) as scale from {{ ref('cmp_figure') }} group by series_key

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

),

-- The group without the council itself.
left_over as (

    select
        places.figure_key,
        places.basis_key,
        places.is_same_in_both,
        places.group_key,
        places.value,
        places.own_rank,
        series.scale,
        case when places.is_member and places.value is not null then places.own_rank else 1000000 end as left_out,
        coalesce(groups.n_members, 0) - case when places.is_member and places.value is not null then 1 else 0 end
            as n_peers,
        groups.sorted,
        groups.total - case when places.is_member then coalesce(places.value, 0) else 0 end as total,
        groups.numerator - case when places.is_member then coalesce(places.numerator, 0) else 0 end as numerator,
        groups.denominator - case when places.is_member then coalesce(places.denominator, 0) else 0 end as denominator
    from places
    inner join series on places.series_key = series.series_key
    left join groups
        on
            places.series_key = groups.series_key
            and places.basis_key = groups.basis_key
            and places.group_key = groups.group_key

),

statistics as (

    select
        left_over.figure_key,
        left_over.basis_key,
        left_over.is_same_in_both,
        left_over.group_key,
        left_over.n_peers,
        parameters.fewest_peers,
        case when left_over.n_peers >= parameters.fewest_peers then left_over.own_rank end as rank_low,
        case
            when left_over.n_peers >= parameters.fewest_peers then {{ ratio('left_over.total', 'left_over.n_peers') }}
        end as mean,
        case
            when left_over.n_peers >= parameters.fewest_peers
                then {{ ratio('left_over.scale * left_over.numerator', 'left_over.denominator') }}
        end as weighted_mean,
        {%- for name, part in [('q1', 1), ('median', 2), ('q3', 3)] %}
        case
            when left_over.n_peers >= parameters.fewest_peers
                then {{ quartile('left_over.sorted', 'left_over.n_peers', 'left_over.left_out', part) }}
        end as {{ name }},
        {%- endfor %}
        case
            when left_over.n_peers >= parameters.fewest_peers
                then {{ lowest_quarter_mean(
                    'left_over.sorted', 'left_over.n_peers', 'left_over.left_out', 'left_over.value'
                ) }}
        end as lowest_quartile_mean,
        {{ kth_value('left_over.sorted', '1', 'left_over.left_out') }} as lowest,
        {{ kth_value('left_over.sorted', 'left_over.n_peers', 'left_over.left_out') }} as highest
    from left_over
    cross join parameters

)

select
    statistics.figure_key,
    figures.council_code,
    figures.financial_year,
    figures.measure_id,
    figures.definition_version,
    substr(
        figures.figure_id,
        1 + length(concat(figures.council_code, ':', figures.financial_year, ':', figures.measure_id))
    ) as figure_id_ending,
    figures.council,
    peer_sets.peer_set,
    case
        when statistics.is_same_in_both then 'both'
        when statistics.basis_key = 0 then 'as_returned'
        else 'excluding_flagged'
    end as basis,
    peer_sets.version as peer_set_version,
    peer_sets.borrowed_from as peers_borrowed_from,
    figures.unit,
    figures.verdict,
    own.value,
    own.ruled_value,
    cast(own.england_percentile as {{ type_rate() }}) as england_percentile,
    cast(own.ruled_england_percentile as {{ type_rate() }}) as ruled_england_percentile,
    case when figures.unit like 'GBP%' then deflators.deflator end as deflator,
    case when figures.unit like 'GBP%' then deflators.base_year end as real_terms_year,
    figures.population_status,
    cast(statistics.n_peers as integer) as n_peers,
    statistics.fewest_peers,
    cast(statistics.mean as {{ type_rate() }}) as mean,
    cast(statistics.weighted_mean as {{ type_rate() }}) as weighted_mean,
    cast(statistics.median as {{ type_rate() }}) as median,
    cast(statistics.q1 as {{ type_rate() }}) as q1,
    cast(statistics.q3 as {{ type_rate() }}) as q3,
    cast(statistics.lowest_quartile_mean as {{ type_rate() }}) as lowest_quartile_mean,
    statistics.lowest,
    statistics.highest,
    cast(statistics.rank_low as integer) as rank_low
from statistics
inner join figures on statistics.figure_key = figures.figure_key
inner join own on statistics.figure_key = own.figure_key
inner join peer_sets on statistics.group_key = peer_sets.group_key
left join deflators on figures.financial_year = deflators.financial_year
