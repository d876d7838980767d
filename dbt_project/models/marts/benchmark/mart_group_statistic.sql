-- Statistics over all members of a class, a region or England: they describe a group, and no
-- council is compared with them, since they include the council itself.
with

groups as (

    select * from {{ ref('cmp_group') }}

),

named as (

    select distinct group_key, peer_set, version, group_name
    from {{ ref('int_peer_member') }}
    where owner_code is null

),

series as (

    select
        series_key,
        max(financial_year) as financial_year,
        max(measure_id) as measure_id,
        max(definition_version) as definition_version,
        max(unit) as unit,
        max(scale) as scale
    from {{ ref('cmp_figure') }}
    group by series_key

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

)

select
    series.financial_year,
    series.measure_id,
    series.definition_version,
    named.peer_set,
    named.group_name,
    case groups.basis_key when 0 then 'as_returned' else 'excluding_flagged' end as basis,
    series.unit,
    cast(groups.n_members as integer) as n_councils,
    {%- set guard = 'case when groups.n_members >= parameters.fewest_peers then ' %}
    {{ guard }} {{ ratio('groups.total', 'groups.n_members') }} end as mean,
    {{ guard }} {{ ratio('series.scale * groups.numerator', 'groups.denominator') }} end as weighted_mean,
    {%- for name, part in [('q1', 1), ('median', 2), ('q3', 3)] %}
    {{ guard }} {{ quartile('groups.sorted', 'groups.n_members', '1000000', part) }} end as {{ name }},
    {%- endfor %}
    {{ guard }} {{ lowest_quarter_mean('groups.sorted', 'groups.n_members', '1000000', '0') }} end
        as lowest_quartile_mean,
    {{ guard }} {{ kth_value('groups.sorted', '1', '1000000') }} end as lowest,
    {{ guard }} {{ kth_value('groups.sorted', 'groups.n_members', '1000000') }} end as highest
from groups
inner join named on groups.group_key = named.group_key
inner join series on groups.series_key = series.series_key
cross join parameters
