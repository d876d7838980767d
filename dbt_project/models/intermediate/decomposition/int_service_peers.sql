{%- set own = ['council_code', 'financial_year', 'client', 'client_group_label', 'age_band', 'service', 'people',
    'population_status', 'spend', 'volume', 'volume_unit', 'volume_basis', 'own_spend', 'own_volume', 'others_spend',
    'others_volume', 'verdict'] %}
{%- set divided = ['own_spend', 'own_volume', 'others_spend', 'others_volume'] %}
{%- set is_divided = 'offered.own_volume is not null and offered.others_volume is not null' %}
-- Each council's spend on a service beside that of its peers, who are added up as one area, without the council itself.
with

offered as (

    select * from {{ ref('int_service_spend') }}

),

members as (

    select * from {{ ref('int_peer_member') }}

),

memberships as (

    select * from {{ ref('int_membership') }}

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

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

against_peers as (

    select
        {%- for column in own %}
        offered.{{ column }},
        {%- endfor %}
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

)

select
    against_peers.*,
    against_peers.n_peers_with_volume >= parameters.fewest_peers as has_enough_with_volume
from against_peers
cross join parameters
where against_peers.n_peers >= parameters.fewest_peers
