-- The specification curve of a saving: the same question asked in every other way that is as good.
{%- set assumptions = ['peer_set', 'year', 'basis', 'target', 'denominator'] %}
{%- set none_of = assumptions | join(' is null and ') ~ ' is null' %}
with

headlines as (

    select measure_id from {{ ref('believed_measure') }}

),

{{ saving_ways() }},

asked as (

    select
        stated.figure_key,
        ways.peer_set,
        ways.first_year - stated.first_year as year, -- noqa: RF04
        ways.basis,
        ways.target,
        ways.denominator_rule as denominator,
        ways.saving_gbp
    from measured as stated
    inner join ways
        on
            stated.council_code = ways.council_code
            and stated.measure_id = ways.measure_id
            and stated.definition_version = ways.definition_version
            and ways.first_year between stated.first_year - 1 and stated.first_year + 1

),

-- What one assumption explains of the variance between the ways, whatever the others are.
levels as (

    select
        figure_key,
        {%- for assumption in assumptions %}
        {{ assumption }},
        {%- endfor %}
        sum(saving_gbp) * sum(saving_gbp) / count(*) as between_levels,
        sum(saving_gbp * saving_gbp) as squares
    from asked
    group by
        grouping sets ( -- noqa: PRS, LT02
            (figure_key), -- noqa: PRS, LT02
            {%- for assumption in assumptions %}
            (figure_key, {{ assumption }}){{ ',' if not loop.last }}
            {%- endfor %}
        )

),

explained as (

    select
        figure_key,
        {%- for assumption in assumptions %}
        sum(case when {{ assumption }} is not null then between_levels end) as {{ assumption }}_levels,
        {%- endfor %}
        sum(case when {{ none_of }} then between_levels end) as between_all,
        sum(case when {{ none_of }} then squares end) as squares
    from levels
    group by figure_key

),

effects as (

    {% for assumption in assumptions -%}
    select
        figure_key,
        '{{ assumption }}' as assumption,
        {{ ratio(
            '100 * (' ~ assumption ~ '_levels - between_all)',
            'case when squares - between_all > 0.01 then squares - between_all end'
        ) }} as effect_pct
    from explained
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

ranked as (

    select
        figure_key,
        assumption,
        effect_pct,
        row_number() over (partition by figure_key order by effect_pct desc, assumption) as place
    from effects
    where effect_pct is not null

),

matters as (

    select
        figure_key,
        {%- for assumption in assumptions %}
        max(case when assumption = '{{ assumption }}' then effect_pct end) as {{ assumption }}_effect_pct,
        {%- endfor %}
        max(case when place = 1 then assumption end) as matters_most,
        max(case when place = 2 and effect_pct > 0 then assumption end) as matters_second
    from ranked
    group by figure_key

),

curves as (

    select
        figure_key,
        count(*) as n_ways,
        sum(case when saving_gbp > 0 then 1 else 0 end) as n_saving,
        min(saving_gbp) as lowest_gbp,
        max(saving_gbp) as highest_gbp,
        {{ median('saving_gbp') }} as median_gbp
    from asked
    group by figure_key

),

-- The savings a page states: on believed figures, with the total of a share held.
stated as (

    select *
    from ways
    where basis = 'excluding_flagged' and denominator_rule = 'held' and target in ('mean', 'lowest_quartile_mean')

),

halves as (

    select
        stated.figure_key,
        stated.peer_set,
        stated.target,
        sum(case when asked.saving_gbp >= 0.5 * stated.saving_gbp then 1 else 0 end) as n_at_least_half
    from stated
    inner join asked on stated.figure_key = asked.figure_key
    where stated.saving_gbp > 0
    group by stated.figure_key, stated.peer_set, stated.target

)

select
    measured.figure_id,
    measured.council_code,
    measured.council,
    measured.financial_year,
    measured.measure_id,
    measured.definition_version,
    measured.verdict,
    stated.peer_set,
    stated.target,
    cast({{ rounded('stated.saving_gbp') }} as {{ type_rate() }}) as stated_saving_gbp,
    cast(curves.n_ways as integer) as n_ways,
    cast(curves.n_saving as integer) as n_saving,
    cast(halves.n_at_least_half as integer) as n_at_least_half,
    cast({{ ratio('100 * curves.n_saving', 'curves.n_ways') }} as {{ type_rate() }}) as saving_share_pct,
    cast({{ ratio('100 * halves.n_at_least_half', 'curves.n_ways') }} as {{ type_rate() }}) as at_least_half_pct,
    {%- for name in ['lowest', 'median', 'highest'] %}
    cast({{ rounded('curves.' ~ name ~ '_gbp') }} as {{ type_rate() }}) as {{ name }}_saving_gbp,
    {%- endfor %}
    {%- for assumption in assumptions %}
    cast(matters.{{ assumption }}_effect_pct as {{ type_rate() }}) as {{ assumption }}_effect_pct,
    {%- endfor %}
    matters.matters_most,
    matters.matters_second
from stated
inner join measured on stated.figure_key = measured.figure_key
inner join curves on stated.figure_key = curves.figure_key
left join matters on stated.figure_key = matters.figure_key
left join halves
    on
        stated.figure_key = halves.figure_key
        and stated.peer_set = halves.peer_set
        and stated.target = halves.target
