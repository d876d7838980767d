-- A council is compared with the sorted values of its group, its own value left out.
with

figures as (

    select * from {{ ref('cmp_figure') }}

),

ranks as (

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

deflators as (

    select * from {{ ref('dim_deflator') }} where is_current

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

),

-- The group without the council itself.
left_over as (

    select
        ranks.figure_key,
        ranks.basis_key,
        ranks.group_key,
        ranks.value,
        ranks.n_lower,
        ranks.n_england,
        ranks.own_rank,
        series.scale,
        case when ranks.is_member and ranks.value is not null then ranks.own_rank else 1000000 end as left_out,
        coalesce(groups.n_members, 0) - case when ranks.is_member and ranks.value is not null then 1 else 0 end
            as n_peers,
        groups.sorted,
        groups.total - case when ranks.is_member then coalesce(ranks.value, 0) else 0 end as total,
        groups.numerator - case when ranks.is_member then coalesce(ranks.numerator, 0) else 0 end as numerator,
        groups.denominator - case when ranks.is_member then coalesce(ranks.denominator, 0) else 0 end as denominator
    from ranks
    inner join series on ranks.series_key = series.series_key
    left join groups
        on
            ranks.series_key = groups.series_key
            and ranks.basis_key = groups.basis_key
            and ranks.group_key = groups.group_key

),

statistics as (

    select
        left_over.figure_key,
        left_over.basis_key,
        left_over.group_key,
        left_over.value,
        left_over.n_peers,
        left_over.n_peers >= parameters.fewest_peers as is_enough,
        parameters.fewest_peers,
        left_over.own_rank,
        left_over.n_peers + case when left_over.value is null then 0 else 1 end as n_ranked,
        {{ ratio('100 * left_over.n_lower', 'left_over.n_england - 1') }} as england_percentile,
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

),

ranked as (

    select
        statistics.*,
        cast(
            case
                when statistics.is_enough
                    then 1 + floor((statistics.own_rank - 1) * 4 / cast(statistics.n_ranked as double))
            end as integer
        ) as quartile_band
    from statistics

)

select
    figures.figure_id,
    figures.council_code,
    figures.council,
    figures.financial_year,
    figures.measure_id,
    figures.definition_version,
    peer_sets.peer_set,
    peer_sets.version as peer_set_version,
    peer_sets.borrowed_from as peers_borrowed_from,
    case ranked.basis_key when 0 then 'as_returned' else 'excluding_flagged' end as basis,
    ranked.value,
    figures.unit,
    figures.verdict,
    cast(ranked.n_peers as integer) as n_peers,
    cast(ranked.mean as {{ type_rate() }}) as mean,
    cast(ranked.weighted_mean as {{ type_rate() }}) as weighted_mean,
    cast(ranked.median as {{ type_rate() }}) as median,
    cast(ranked.q1 as {{ type_rate() }}) as q1,
    cast(ranked.q3 as {{ type_rate() }}) as q3,
    cast(ranked.lowest_quartile_mean as {{ type_rate() }}) as lowest_quartile_mean,
    ranked.lowest,
    ranked.highest,
    cast(case when ranked.is_enough then ranked.own_rank end as integer) as rank_low,
    cast(ranked.n_ranked as integer) as n_ranked,
    ranked.quartile_band,
    ranked.quartile_band = 1 as self_in_lowest_quartile,
    cast(ranked.value - ranked.mean as {{ type_rate() }}) as variance_to_mean,
    cast(ranked.value - ranked.median as {{ type_rate() }}) as variance_to_median,
    cast(
        case when ranked.mean > 0 then {{ ratio('100 * (ranked.value - ranked.mean)', 'ranked.mean') }} end
        as {{ type_rate() }}
    ) as variance_pct,
    cast(ranked.england_percentile as {{ type_rate() }}) as england_percentile,
    case
        when figures.unit like 'GBP%'
            then cast({{ ratio('ranked.value * 100', 'deflators.deflator') }} as {{ type_rate() }})
    end as value_real,
    case when figures.unit like 'GBP%' then deflators.base_year end as real_terms_year,
    figures.population_status,
    case
        when not ranked.is_enough
            then
                concat(
                    case ranked.n_peers
                        when 0 then 'no peer reports'
                        when 1 then 'only 1 peer reports'
                        else concat('only ', cast(ranked.n_peers as {{ dbt.type_string() }}), ' peers report')
                    end,
                    ' this figure; fewer than ', cast(ranked.fewest_peers as {{ dbt.type_string() }}),
                    ' give no statistic'
                )
    end as why_no_statistic
from ranked
inner join figures on ranked.figure_key = figures.figure_key
inner join peer_sets on ranked.group_key = peer_sets.group_key
left join deflators on figures.financial_year = deflators.financial_year
