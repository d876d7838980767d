-- Why a client group's spend per resident differs from its peers': spend per resident of a service is weeks per
-- resident times what a week costs. Peers are treated as one area (their spend, weeks and residents added up), so that
-- volume times price is spend on both sides. Each difference is multiplied by the average of the other factor on both
-- sides, so that the effects add up exactly.
{%- set divided = ['own_spend', 'own_volume', 'others_spend', 'others_volume'] %}
{%- set is_divided = 'offered.own_volume is not null and offered.others_volume is not null' %}
with

volumes as (

    select * from {{ ref('int_volume') }}

),

parts as (

    select * from {{ ref('measure_part') }} where kind = 'complete'

),

spend_lines as (

    select distinct
        financial_year,
        client,
        age_band,
        service,
        measure_id,
        definition_version
    from {{ ref('int_line') }}
    where
        role = 'value' and quantity = 'total_expenditure' and not is_voluntary and is_composed and not is_net_of_income
        and provision = 'all' and is_leaf
        -- The total of a client group in PSS EX1 is without Supporting People.
        and service not in ('', 'supporting_people')

),

totals as (

    select distinct financial_year, client, age_band, measure_id, definition_version
    from {{ ref('int_spend') }}
    where quantity = 'total_expenditure' and service = ''

),

figures as (

    select * from {{ ref('fct_figure') }} where is_current

),

derived as (

    select * from {{ ref('fct_derived_figure') }}

),

members as (

    select * from {{ ref('int_peer_member') }}

),

memberships as (

    select * from {{ ref('int_membership') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

),

-- The unit costs that a client group's spend is divided by, with their own and others' provision where printed.
bought as (

    select
        whole.financial_year,
        whole.client,
        whole.client_group_label,
        whole.age_band,
        whole.service,
        whole.definition_version,
        whole.measure_id as whole_measure_id,
        max(case when part.provision = 'own' then part.measure_id end) as own_measure_id,
        max(case when part.provision = 'others' then part.measure_id end) as others_measure_id
    from volumes as whole
    left join parts on whole.measure_id = parts.whole_measure_id
    left join volumes as part
        on
            parts.part_measure_id = part.measure_id
            and whole.financial_year = part.financial_year
            and whole.definition_version = part.definition_version
    where whole.service is not null and whole.provision = 'all'
    group by
        whole.financial_year, whole.client, whole.client_group_label, whole.age_band, whole.service,
        whole.definition_version, whole.measure_id

),

groups as (

    select distinct financial_year, client, client_group_label, age_band from bought

),

measured as (

    select
        bought.financial_year,
        bought.client,
        bought.age_band,
        whole.council_code,
        bought.service,
        whole.numerator as spend,
        whole.denominator as volume,
        whole.denominator_unit as volume_unit,
        own.numerator as own_spend,
        own.denominator as own_volume,
        others.numerator as others_spend,
        others.denominator as others_volume,
        whole.verdict
    from bought
    inner join figures as whole
        on
            bought.financial_year = whole.financial_year
            and bought.whole_measure_id = whole.measure_id
            and bought.definition_version = whole.definition_version
    left join figures as own
        on
            whole.council_code = own.council_code
            and bought.financial_year = own.financial_year
            and bought.own_measure_id = own.measure_id
            and bought.definition_version = own.definition_version
    left join figures as others
        on
            whole.council_code = others.council_code
            and bought.financial_year = others.financial_year
            and bought.others_measure_id = others.measure_id
            and bought.definition_version = others.definition_version
    -- Spend that is returned without its weeks is spend; only its volume is not known.
    where whole.numerator is not null

),

-- Services that are paid for and not counted: equipment, assessment and the like.
uncounted as (

    select
        spend_lines.financial_year,
        spend_lines.client,
        spend_lines.age_band,
        figures.council_code,
        spend_lines.service,
        figures.value as spend,
        figures.verdict
    from spend_lines
    inner join groups
        on
            spend_lines.financial_year = groups.financial_year
            and spend_lines.client = groups.client
            and spend_lines.age_band = groups.age_band
    inner join figures
        on
            spend_lines.financial_year = figures.financial_year
            and spend_lines.measure_id = figures.measure_id
            and spend_lines.definition_version = figures.definition_version
    left join measured
        on
            spend_lines.financial_year = measured.financial_year
            and spend_lines.client = measured.client
            and spend_lines.age_band = measured.age_band
            and spend_lines.service = measured.service
            and figures.council_code = measured.council_code
    where measured.service is null and figures.value is not null

),

services as (

    select
        financial_year, client, age_band, council_code, service, spend, volume, volume_unit, own_spend, own_volume,
        others_spend, others_volume, verdict
    from measured
    union all
    select
        financial_year, client, age_band, council_code, service, spend,
        null as volume, null as volume_unit, null as own_spend, null as own_volume, null as others_spend,
        null as others_volume, verdict
    from uncounted

),

-- A client group's total, in the years whose files have one.
printed_totals as (

    select
        totals.financial_year,
        totals.client,
        totals.age_band,
        coalesce(printed.council_code, derived.council_code) as council_code,
        coalesce(printed.value, derived.value) as total
    from totals
    left join figures as printed
        on
            totals.financial_year = printed.financial_year
            and totals.measure_id = printed.measure_id
            and totals.definition_version = printed.definition_version
    left join derived
        on
            totals.financial_year = derived.financial_year
            and totals.measure_id = derived.measure_id
            and totals.definition_version = derived.definition_version
    where coalesce(printed.value, derived.value) is not null

),

known as (

    select distinct financial_year, client, age_band, council_code
    from services

),

everything as (

    select
        financial_year, client, age_band, council_code, service, spend, volume, volume_unit, own_spend, own_volume,
        others_spend, others_volume, verdict
    from services
    union all
    select
        known.financial_year, known.client, known.age_band, known.council_code, 'total' as service,
        printed_totals.total as spend,
        null as volume, null as volume_unit, null as own_spend, null as own_volume, null as others_spend,
        null as others_volume, null as verdict
    from known
    inner join printed_totals
        on
            known.financial_year = printed_totals.financial_year
            and known.client = printed_totals.client
            and known.age_band = printed_totals.age_band
            and known.council_code = printed_totals.council_code

),

councils as (

    select
        known.financial_year,
        known.client,
        known.age_band,
        known.council_code,
        population.people,
        population.status as population_status
    from known
    inner join population
        on
            known.financial_year = population.financial_year
            and known.council_code = population.council_code
            and known.age_band = population.age_band

),

offered as (

    select
        everything.*,
        councils.people,
        councils.population_status
    from everything
    inner join councils
        on
            everything.financial_year = councils.financial_year
            and everything.client = councils.client
            and everything.age_band = councils.age_band
            and everything.council_code = councils.council_code

),

-- What peers spend on a service is over the residents of those peers whose spend on it is known.
grouped as (

    select
        members.group_key,
        offered.client,
        offered.age_band,
        offered.service,
        {%- for column in divided %}
        sum(case when {{ is_divided }} then offered.{{ column }} end) as {{ column }},
        {%- endfor %}
        count(*) as n_councils,
        count(offered.volume) as n_with_volume,
        sum(offered.people) as people,
        sum(offered.spend) as spend,
        -- A price needs both sides of the same councils.
        sum(case when offered.volume is not null then offered.spend end) as counted_spend,
        sum(offered.volume) as volume
    from offered
    inner join members
        on offered.financial_year = members.financial_year and offered.council_code = members.member_code
    group by members.group_key, offered.client, offered.age_band, offered.service

),

-- The peers as one area, without the council itself.
against_peers as (

    select
        offered.*,
        memberships.peer_set,
        memberships.version,
        {%- for column in divided %}
        cast(
            grouped.{{ column }}
            - case when memberships.is_member and {{ is_divided }} then offered.{{ column }} else 0 end as double
        ) as peer_{{ column }},
        {%- endfor %}
        grouped.n_councils - case when memberships.is_member then 1 else 0 end as n_peers,
        grouped.n_with_volume
        - case when memberships.is_member and offered.volume is not null then 1 else 0 end as n_peers_with_volume,
        cast(grouped.people - case when memberships.is_member then offered.people else 0 end as double) as peer_people,
        cast(grouped.spend - case when memberships.is_member then offered.spend else 0 end as double)
            as peer_spend,
        cast(
            grouped.counted_spend
            - case when memberships.is_member and offered.volume is not null then offered.spend else 0 end as double
        ) as peer_counted_spend,
        cast(grouped.volume - case when memberships.is_member then coalesce(offered.volume, 0) else 0 end as double)
            as peer_volume
    from offered
    inner join memberships
        on
            offered.financial_year = memberships.financial_year
            and offered.council_code = memberships.council_code
    inner join grouped
        on
            memberships.group_key = grouped.group_key
            and offered.client = grouped.client
            and offered.age_band = grouped.age_band
            and offered.service = grouped.service

),

enough as (

    select
        against_peers.*,
        against_peers.n_peers_with_volume >= parameters.fewest_peers as has_enough_with_volume
    from against_peers
    cross join parameters
    where against_peers.n_peers >= parameters.fewest_peers

),

rates as (

    select
        enough.*,
        cast(enough.spend as double) / enough.people as spend_per_head,
        enough.peer_spend / enough.peer_people as peer_spend_per_head,
        cast(enough.volume as double) / enough.people as volume_per_head,
        -- Where some peers are not counted, the counted ones' price is taken for all of them, and so is the volume that
        -- all peers' spend buys at it: volume times price is their spend.
        enough.peer_spend / nullif(enough.peer_counted_spend / nullif(enough.peer_volume, 0), 0) / enough.peer_people
            as peer_volume_per_head,
        cast(enough.spend as double) / nullif(cast(enough.volume as double), 0) as price,
        enough.peer_counted_spend / nullif(enough.peer_volume, 0) as peer_price,
        cast(enough.own_volume as double) / nullif(cast(enough.own_volume + enough.others_volume as double), 0)
            as own_share,
        enough.peer_own_volume / nullif(enough.peer_own_volume + enough.peer_others_volume, 0) as peer_own_share,
        cast(enough.own_spend as double) / nullif(cast(enough.own_volume as double), 0) as own_price,
        cast(enough.others_spend as double) / nullif(cast(enough.others_volume as double), 0) as others_price,
        enough.peer_own_spend / nullif(enough.peer_own_volume, 0) as peer_own_price,
        enough.peer_others_spend / nullif(enough.peer_others_volume, 0) as peer_others_price
    from enough

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

),

shown as (

    select
        final.council_code,
        final.financial_year,
        final.peer_set,
        final.version,
        final.client,
        final.age_band,
        final.service,
        final.n_peers,
        final.n_peers_with_volume,
        {{ rounded('final.spend_per_head') }} as spend_per_head,
        {{ rounded('final.peer_spend_per_head') }} as peer_spend_per_head,
        final.gap_per_head,
        final.rounded_volume_effect as volume_effect,
        -- What is left is price, so that the three add to the gap to the last digit.
        case when final.is_counted then final.gap_per_head - final.rounded_volume_effect - final.rounded_mix_effect end
            as price_effect,
        final.rounded_mix_effect as mix_effect,
        case when final.is_counted then cast(0 as {{ type_decimal() }}) else final.gap_per_head end as residual,
        {%- for name, number in {
            'volume_per_1000': '1000 * final.volume_per_head', 'peer_volume_per_1000': '1000 * final.peer_volume_per_head',
            'price': 'final.own_side_price', 'peer_price': 'final.peer_side_price',
            'own_share_pct': '100 * final.own_share', 'peer_own_share_pct': '100 * final.peer_own_share'
        }.items() %}
        case when final.is_counted then {{ rounded(number) }} end as {{ name }},
        {%- endfor %}
        final.volume_unit,
        final.is_counted and final.mix is not null as has_mix,
        coalesce(final.verdict, 'pass') as verdict,
        final.population_status
    from final

),

-- What the gap of a client group's printed total leaves beyond its services: rounding, lines that cannot be separated,
-- and services that some peers do not return.
not_divided as (

    select
        council_code,
        financial_year,
        peer_set,
        version,
        client,
        age_band,
        max(case service when 'total' then n_peers end) as n_peers,
        max(population_status) as population_status,
        sum(case service when 'total' then spend_per_head else -spend_per_head end) as spend_per_head,
        sum(case service when 'total' then peer_spend_per_head else -peer_spend_per_head end) as peer_spend_per_head,
        sum(case service when 'total' then gap_per_head else -gap_per_head end) as gap_per_head
    from shown
    group by council_code, financial_year, peer_set, version, client, age_band
    having max(case service when 'total' then 1 else 0 end) = 1

),

everything_shown as (

    select
        council_code, financial_year, peer_set, version, client, age_band, service, n_peers, n_peers_with_volume,
        spend_per_head, peer_spend_per_head, gap_per_head, volume_effect, price_effect, mix_effect, residual,
        volume_per_1000, peer_volume_per_1000, price, peer_price, own_share_pct, peer_own_share_pct, volume_unit,
        has_mix, verdict, population_status
    from shown
    where service <> 'total'
    union all
    select
        council_code, financial_year, peer_set, version, client, age_band, 'not_divided' as service, n_peers,
        0 as n_peers_with_volume, spend_per_head, peer_spend_per_head, gap_per_head, null as volume_effect,
        null as price_effect, null as mix_effect, gap_per_head as residual, null as volume_per_1000,
        null as peer_volume_per_1000, null as price, null as peer_price, null as own_share_pct,
        null as peer_own_share_pct, null as volume_unit, false as has_mix, 'pass' as verdict, population_status
    from not_divided

)

select
    rows_shown.council_code,
    names.council,
    rows_shown.financial_year,
    rows_shown.peer_set,
    rows_shown.version as peer_set_version,
    groups.client_group_label as client_group,
    rows_shown.age_band,
    rows_shown.service,
    cast(rows_shown.n_peers as integer) as n_peers,
    cast(rows_shown.n_peers_with_volume as integer) as n_peers_with_volume,
    {%- for column in ['spend_per_head', 'peer_spend_per_head', 'gap_per_head', 'volume_effect', 'price_effect',
        'mix_effect', 'residual', 'volume_per_1000', 'peer_volume_per_1000', 'price', 'peer_price', 'own_share_pct',
        'peer_own_share_pct'] %}
    cast(rows_shown.{{ column }} as {{ type_decimal() }}) as {{ column }},
    {%- endfor %}
    rows_shown.volume_unit,
    rows_shown.has_mix,
    rows_shown.verdict,
    rows_shown.population_status
from everything_shown as rows_shown
inner join groups
    on
        rows_shown.financial_year = groups.financial_year
        and rows_shown.client = groups.client
        and rows_shown.age_band = groups.age_band
inner join {{ ref('int_council_year') }} as names
    on rows_shown.financial_year = names.financial_year and rows_shown.council_code = names.council_code
