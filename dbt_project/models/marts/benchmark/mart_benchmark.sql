-- Statistics that are equal in both bases are stored once and shown twice.
with

statistics as (

    select * from {{ ref('mart_peer_statistic') }}

),

in_both_bases as (
    {%- for basis, value, percentile in [
        ('as_returned', 'value', 'england_percentile'),
        ('excluding_flagged', 'ruled_value', 'ruled_england_percentile'),
    ] %}

    select
        statistics.figure_key,
        concat(
            statistics.council_code, ':', statistics.financial_year, ':', statistics.measure_id,
            statistics.figure_id_ending
        ) as figure_id,
        statistics.council_code,
        statistics.council,
        statistics.financial_year,
        statistics.measure_id,
        statistics.definition_version,
        statistics.peer_set,
        statistics.peer_set_version,
        statistics.peers_borrowed_from,
        '{{ basis }}' as basis,
        statistics.{{ value }} as value, -- noqa: AL09
        statistics.unit,
        statistics.verdict,
        statistics.n_peers,
        statistics.fewest_peers,
        statistics.mean,
        statistics.weighted_mean,
        statistics.median,
        statistics.q1,
        statistics.q3,
        statistics.lowest_quartile_mean,
        statistics.lowest,
        statistics.highest,
        statistics.rank_low,
        statistics.n_peers + case when statistics.{{ value }} is null then 0 else 1 end as n_ranked,
        statistics.{{ percentile }} as england_percentile, -- noqa: AL09
        statistics.deflator,
        statistics.real_terms_year,
        statistics.population_status
    from statistics
    where statistics.basis in ('both', '{{ basis }}')
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

ranked as (

    select
        in_both_bases.*,
        {{ quartile_band('in_both_bases.rank_low', 'in_both_bases.n_ranked') }} as quartile_band
    from in_both_bases

)

select
    figure_key,
    figure_id,
    council_code,
    council,
    financial_year,
    measure_id,
    definition_version,
    peer_set,
    peer_set_version,
    peers_borrowed_from,
    basis,
    value,
    unit,
    verdict,
    n_peers,
    mean,
    weighted_mean,
    median,
    q1,
    q3,
    lowest_quartile_mean,
    lowest,
    highest,
    rank_low,
    n_ranked,
    quartile_band,
    quartile_band = 1 as self_in_lowest_quartile,
    cast(value - mean as {{ type_rate() }}) as variance_to_mean,
    cast(value - median as {{ type_rate() }}) as variance_to_median,
    cast(case when mean > 0 then {{ ratio('100 * (value - mean)', 'mean') }} end as {{ type_rate() }}) as variance_pct,
    england_percentile,
    cast({{ ratio('value * 100', 'deflator') }} as {{ type_rate() }}) as value_real,
    real_terms_year,
    population_status,
    case
        when n_peers < fewest_peers
            then
                concat(
                    case n_peers
                        when 0 then 'no peer reports'
                        when 1 then 'only 1 peer reports'
                        else concat('only ', cast(n_peers as {{ dbt.type_string() }}), ' peers report')
                    end,
                    ' this figure; fewer than ', cast(fewest_peers as {{ dbt.type_string() }}), ' give no statistic'
                )
    end as why_no_statistic
from ranked
