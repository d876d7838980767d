-- Why a client group's spend per resident differs from its peers', service by service, with how much of the gap is
-- explained and which part of the client group's spend the services are.
{%- set key = ['council_code', 'financial_year', 'peer_set', 'client', 'age_band'] %}
{%- set amounts = ['spend_per_head', 'peer_spend_per_head', 'gap_per_head', 'volume_effect', 'price_effect',
    'mix_effect', 'residual', 'volume_per_1000', 'peer_volume_per_1000', 'price', 'peer_price', 'own_share_pct',
    'peer_own_share_pct'] %}
with

gaps as (

    select * from {{ ref('int_service_gap') }}

),

cover as (

    select * from {{ ref('int_spend_cover') }}

),

names as (

    select * from {{ ref('int_council_year') }}

),

-- What the gap of a client group's printed total leaves beyond its services: rounding, lines that cannot be separated,
-- and services that some peers do not return.
not_divided as (

    select
        {{ key | join(', ') }},
        version,
        client_group_label,
        max(case service when 'total' then n_peers end) as n_peers,
        max(population_status) as population_status,
        sum(case service when 'total' then spend_per_head else -spend_per_head end) as spend_per_head,
        sum(case service when 'total' then peer_spend_per_head else -peer_spend_per_head end) as peer_spend_per_head,
        sum(case service when 'total' then gap_per_head else -gap_per_head end) as gap_per_head
    from gaps
    group by {{ key | join(', ') }}, version, client_group_label
    having max(case service when 'total' then 1 else 0 end) = 1

),

shown as (

    select
        {{ key | join(', ') }}, version, client_group_label, service, n_peers, n_peers_with_volume,
        {{ amounts | join(', ') }}, volume_unit, volume_basis, peer_volume_imputed_pct, has_mix, verdict,
        population_status
    from gaps
    where service <> 'total'
    union all
    select
        {{ key | join(', ') }}, version, client_group_label, 'not_divided' as service, n_peers,
        0 as n_peers_with_volume, spend_per_head, peer_spend_per_head, gap_per_head, null as volume_effect,
        null as price_effect, null as mix_effect, gap_per_head as residual, null as volume_per_1000,
        null as peer_volume_per_1000, null as price, null as peer_price, null as own_share_pct,
        null as peer_own_share_pct, null as volume_unit, null as volume_basis, null as peer_volume_imputed_pct,
        false as has_mix, 'pass' as verdict, population_status
    from not_divided

),

-- Gaps of services may cancel out in the whole: what is explained is measured on their sizes.
sizes as (

    select
        {{ key | join(', ') }},
        sum(abs(gap_per_head)) as gaps,
        sum(abs(residual)) as residuals,
        sum(case when volume_basis = 'imputed' then abs(gap_per_head) else 0 end) as imputed
    from shown
    group by {{ key | join(', ') }}

)

select
    shown.council_code,
    names.council,
    shown.financial_year,
    shown.peer_set,
    shown.version as peer_set_version,
    shown.client_group_label as client_group,
    shown.age_band,
    shown.service,
    cast(shown.n_peers as integer) as n_peers,
    cast(shown.n_peers_with_volume as integer) as n_peers_with_volume,
    {%- for column in amounts %}
    cast(shown.{{ column }} as {{ type_decimal() }}) as {{ column }},
    {%- endfor %}
    shown.volume_unit,
    shown.has_mix,
    shown.verdict,
    shown.population_status,
    shown.volume_basis,
    cast(shown.peer_volume_imputed_pct as {{ type_rate() }}) as peer_volume_imputed_pct,
    cast({{ ratio('100 * (sizes.gaps - sizes.residuals)', 'sizes.gaps') }} as {{ type_rate() }}) as gap_explained_pct,
    cast({{ ratio('100 * sizes.imputed', 'sizes.gaps') }} as {{ type_rate() }}) as gap_imputed_pct,
    cover.services_covered,
    cast(cover.spend_covered_pct as {{ type_rate() }}) as spend_covered_pct,
    cover.spend_covered_of
from shown
inner join sizes
    on
        shown.council_code = sizes.council_code
        and shown.financial_year = sizes.financial_year
        and shown.peer_set = sizes.peer_set
        and shown.client = sizes.client
        and shown.age_band = sizes.age_band
left join cover
    on
        shown.financial_year = cover.financial_year
        and shown.council_code = cover.council_code
        and shown.client = cover.client
        and shown.age_band = cover.age_band
inner join names on shown.financial_year = names.financial_year and shown.council_code = names.council_code
