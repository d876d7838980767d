-- Spend per resident of a service is volume per resident times what a unit of volume costs. Each difference to the
-- peers is multiplied by the average of the other factor on both sides, so that the effects add up exactly.
with

compared as (

    select * from {{ ref('int_service_peers') }}

),

rates as (

    select
        compared.*,
        cast(compared.spend as double) / compared.people as spend_per_head,
        compared.peer_spend / compared.peer_people as peer_spend_per_head,
        cast(compared.volume as double) / compared.people as volume_per_head,
        -- Where some peers are not counted, the counted ones' price is taken for all of them, and so is the volume that
        -- all peers' spend buys at it: volume times price is their spend.
        compared.peer_spend / nullif(compared.peer_counted_spend / nullif(compared.peer_volume, 0), 0)
        / compared.peer_people
            as peer_volume_per_head,
        cast(compared.spend as double) / nullif(cast(compared.volume as double), 0) as price,
        compared.peer_counted_spend / nullif(compared.peer_volume, 0) as peer_price,
        cast(compared.own_volume as double) / nullif(cast(compared.own_volume + compared.others_volume as double), 0)
            as own_share,
        compared.peer_own_volume / nullif(compared.peer_own_volume + compared.peer_others_volume, 0) as peer_own_share,
        cast(compared.own_spend as double) / nullif(cast(compared.own_volume as double), 0) as own_price,
        cast(compared.others_spend as double) / nullif(cast(compared.others_volume as double), 0) as others_price,
        compared.peer_own_spend / nullif(compared.peer_own_volume, 0) as peer_own_price,
        compared.peer_others_spend / nullif(compared.peer_others_volume, 0) as peer_others_price
    from compared

),

-- A council that buys none of it has no price; the peers' price is used, so that all of the difference is volume.
priced as (

    select
        rates.*,
        rates.spend_per_head - rates.peer_spend_per_head as gap,
        coalesce(rates.price, case when rates.spend = 0 then rates.peer_price end) as own_side_price,
        rates.peer_price as peer_side_price,
        coalesce(rates.own_price, case when rates.own_spend = 0 then rates.peer_own_price end) as filled_own_price,
        coalesce(rates.others_price, case when rates.others_spend = 0 then rates.peer_others_price end)
            as filled_others_price,
        rates.has_enough_with_volume and rates.volume is not null and rates.peer_price is not null
        and (rates.volume > 0 or rates.spend = 0) as is_counted
    from rates

),

effects as (

    select
        priced.*,
        (priced.volume_per_head - priced.peer_volume_per_head) * (priced.own_side_price + priced.peer_side_price) / 2
            as volume_effect,
        (priced.volume_per_head + priced.peer_volume_per_head) / 2
        * (priced.own_share - priced.peer_own_share)
        * (
            (priced.filled_own_price + priced.peer_own_price) / 2
            - (priced.filled_others_price + priced.peer_others_price) / 2
        ) as mix
    from priced

),

final as (

    select
        effects.*,
        {{ rounded('effects.gap') }} as gap_per_head,
        case when effects.is_counted then {{ rounded('effects.volume_effect') }} end as rounded_volume_effect,
        case when effects.is_counted then {{ rounded('coalesce(effects.mix, 0)') }} end as rounded_mix_effect
    from effects

)

select
    council_code,
    financial_year,
    peer_set,
    version,
    client,
    client_group_label,
    age_band,
    service,
    n_peers,
    n_peers_with_volume,
    {{ rounded('spend_per_head') }} as spend_per_head,
    {{ rounded('peer_spend_per_head') }} as peer_spend_per_head,
    gap_per_head,
    rounded_volume_effect as volume_effect,
    -- What is left is price, so that the three add to the gap to the last digit.
    case when is_counted then gap_per_head - rounded_volume_effect - rounded_mix_effect end as price_effect,
    rounded_mix_effect as mix_effect,
    case when is_counted then cast(0 as {{ type_decimal() }}) else gap_per_head end as residual,
    {%- for name, number in {
        'volume_per_1000': '1000 * volume_per_head', 'peer_volume_per_1000': '1000 * peer_volume_per_head',
        'price': 'own_side_price', 'peer_price': 'peer_side_price', 'own_share_pct': '100 * own_share',
        'peer_own_share_pct': '100 * peer_own_share'
    }.items() %}
    case when is_counted then {{ rounded(number) }} end as {{ name }},
    {%- endfor %}
    volume_unit,
    case when is_counted then volume_basis end as volume_basis,
    -- Hours are worked out from spend on both sides; of weeks, those of the peers that return spend alone.
    case
        when not is_counted then null
        when volume_basis = 'imputed' then 100
        else {{ rounded('100 * (1 - peer_counted_spend / nullif(peer_spend, 0))') }}
    end as peer_volume_imputed_pct,
    is_counted and mix is not null as has_mix,
    coalesce(verdict, 'pass') as verdict,
    population_status
from final
