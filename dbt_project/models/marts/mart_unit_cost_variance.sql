{#- A correction says what the unit cost is, not which of its parts was wrong: those parts weigh nothing. -#}
{%- set has_believed_parts = "peer.ruled_value is not null and coalesce(peer.ruling, '') <> 'correct' "
    ~ "and peer.numerator is not null and peer.denominator > 0" -%}
-- The council itself is never among its peers. Unsuffixed comparators are as returned; *_excluding_flagged leave out
-- what is quarantined and take rulings in, so that a suspect 588 is never dropped in silence nor believed in silence.
with

measures as (

    select measure_id, definition_version from {{ ref('int_measure') }} where family = 'unit_cost'

),

-- Joined by numbers: every figure meets a hundred and fifty peers, and names are long.
figures as (

    select
        figures.*,
        row_number() over (order by figures.figure_id) as figure_key,
        dense_rank() over (
            order by figures.financial_year, figures.measure_id, figures.definition_version
        ) as series_key
    from {{ ref('fct_figure') }} as figures
    inner join measures
        on figures.measure_id = measures.measure_id and figures.definition_version = measures.definition_version
    where figures.is_current and figures.value > 0

),

checks as (

    select * from {{ ref('int_check_figure') }}

),

peers as (

    select * from {{ ref('int_peer') }}

),

parameters as (

    select cast(number as integer) as fewest_peers from {{ ref('parameter') }} where parameter = 'fewest_peers'

),

compared as (

    select
        figures.figure_key,
        peers.peer_set,
        count(*) as n_peers,
        min(peer.value) as lowest_peer,
        max(peer.value) as highest_peer,
        {{ mean('peer.value') }} as comparator_mean,
        {{ ratio(
            'sum(case when peer.denominator > 0 then peer.numerator end)',
            'sum(case when peer.numerator is not null and peer.denominator > 0 then peer.denominator end)'
        ) }} as comparator_weighted,
        {{ median('peer.value') }} as comparator_median,
        count(peer.ruled_value) as n_peers_excluding_flagged,
        {{ mean('peer.ruled_value') }} as comparator_mean_excluding_flagged,
        {{ ratio(
            'sum(case when ' ~ has_believed_parts ~ ' then peer.numerator end)',
            'sum(case when ' ~ has_believed_parts ~ ' then peer.denominator end)'
        ) }} as comparator_weighted_excluding_flagged,
        {{ median('peer.ruled_value') }} as comparator_median_excluding_flagged
    from figures
    inner join peers
        on figures.council_code = peers.council_code and figures.financial_year = peers.financial_year
    inner join figures as peer
        on peers.peer_code = peer.council_code and figures.series_key = peer.series_key
    group by figures.figure_key, peers.peer_set

),

sets as (

    select distinct
        financial_year,
        council_code,
        peer_set,
        version
    from peers

),

-- Every figure stands beside every set its council belongs to, also where no peer reports.
offered as (

    select
        figures.figure_key,
        sets.peer_set,
        sets.version as peer_set_version
    from figures
    inner join sets
        on figures.council_code = sets.council_code and figures.financial_year = sets.financial_year

),

guarded as (

    select
        offered.figure_key,
        offered.peer_set,
        offered.peer_set_version,
        coalesce(compared.n_peers, 0) as n_peers,
        coalesce(compared.n_peers_excluding_flagged, 0) as n_peers_excluding_flagged,
        compared.lowest_peer,
        compared.highest_peer,
        {%- for statistic in ['mean', 'weighted', 'median'] %}
        case when compared.n_peers >= parameters.fewest_peers then compared.comparator_{{ statistic }} end
            as comparator_{{ statistic }},
        case
            when compared.n_peers_excluding_flagged >= parameters.fewest_peers
                then compared.comparator_{{ statistic }}_excluding_flagged
        end as comparator_{{ statistic }}_excluding_flagged,
        {%- endfor %}
        case
            when coalesce(compared.n_peers, 0) < parameters.fewest_peers
                then
                    concat(
                        'only ', cast(coalesce(compared.n_peers, 0) as {{ dbt.type_string() }}),
                        ' peers report this figure; fewer than ',
                        cast(parameters.fewest_peers as {{ dbt.type_string() }}), ' give no statistic'
                    )
        end as why_no_comparator
    from offered
    left join compared on offered.figure_key = compared.figure_key and offered.peer_set = compared.peer_set
    cross join parameters

)

select
    figures.figure_id,
    figures.council_code,
    figures.council,
    figures.financial_year,
    figures.measure_id,
    figures.definition_version,
    guarded.peer_set,
    guarded.peer_set_version,
    figures.value,
    figures.unit,
    guarded.n_peers,
    guarded.comparator_mean,
    guarded.comparator_weighted,
    guarded.comparator_median,
    guarded.lowest_peer,
    guarded.highest_peer,
    cast(figures.value - guarded.comparator_mean as {{ type_decimal() }}) as variance,
    {{ ratio('100 * (figures.value - guarded.comparator_mean)', 'guarded.comparator_mean') }} as variance_pct,
    guarded.n_peers_excluding_flagged,
    guarded.comparator_mean_excluding_flagged,
    guarded.comparator_weighted_excluding_flagged,
    guarded.comparator_median_excluding_flagged,
    cast(figures.ruled_value - guarded.comparator_mean_excluding_flagged as {{ type_decimal() }})
        as variance_excluding_flagged,
    guarded.why_no_comparator,
    checks.peer_ratio,
    checks.sibling_ratio,
    checks.england_median,
    checks.england_n,
    checks.average_people,
    checks.implied_people as implied_volume,
    figures.verdict,
    figures.rule_ids,
    figures.ruling,
    figures.release_id
from figures
inner join guarded on figures.figure_key = guarded.figure_key
inner join checks on figures.figure_id = checks.figure_id
