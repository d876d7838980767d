-- How exactly a figure tells the usual level of a council. Figures of which nothing can be told have a row and the
-- reason.
with

figures as (

    select * from {{ ref('cmp_figure') }}

),

standing as (

    select * from {{ ref('cmp_standing') }} where peer_set = 'england' and basis = 'excluding_flagged'

),

levels as (

    select * from {{ ref('cmp_usual_level') }}

),

ranks as (

    select * from {{ ref('cmp_rank_chance') }}

),

spreads as (

    select * from {{ ref('cmp_spread') }}

)

select
    figures.figure_id,
    figures.council_code,
    figures.council,
    figures.financial_year,
    figures.measure_id,
    figures.definition_version,
    standing.value,
    figures.unit,
    figures.verdict,
    cast(levels.n_panel_years as integer) as n_panel_years,
    levels.panel_from as panel_from_year,
    levels.panel_to as panel_to_year,
    cast({{ rounded('100 * (exp(levels.noise) - 1)') }} as {{ type_rate() }}) as noise_pct,
    levels.noise_from as noise_from_definition,
    cast({{ rounded('levels.reliability') }} as {{ type_rate() }}) as reliability,
    cast({{ rounded('levels.panel_reliability') }} as {{ type_rate() }}) as panel_reliability,
    {%- for name, z in [('usual_value', '0'), ('usual_low', '-' ~ ninety_pct_z()), ('usual_high', ninety_pct_z())] %}
    cast(
        {{ rounded(from_log('levels.year_median + levels.level + ' ~ z ~ ' * levels.value_error', 'levels.scale')) }}
        as {{ type_rate() }}
    ) as {{ name }},
    {%- endfor %}
    standing.own_rank as rank_in_england,
    standing.n_ranked,
    standing.quartile_band,
    cast({{ rounded('ranks.expected_rank') }} as {{ type_rate() }}) as expected_rank,
    cast(ranks.rank_low as integer) as rank_low,
    cast(ranks.rank_high as integer) as rank_high,
    cast({{ rounded('100 * ranks.up_to_1') }} as {{ type_rate() }}) as lowest_quarter_pct,
    cast({{ rounded('100 * (ranks.up_to_2 - ranks.up_to_1)') }} as {{ type_rate() }}) as second_quarter_pct,
    cast({{ rounded('100 * (ranks.up_to_3 - ranks.up_to_2)') }} as {{ type_rate() }}) as third_quarter_pct,
    cast({{ rounded('100 * (1 - ranks.up_to_3)') }} as {{ type_rate() }}) as highest_quarter_pct,
    case
        when levels.figure_key is not null then null
        when standing.value <= 0 then 'the figure is zero or below, which has no logarithm'
        when figures.unit = 'per cent' and standing.value >= 100 then 'the figure is the whole, 100%'
        when spreads.noise is null then 'too few councils have two figures of this measure within two years'
        else 'councils differ no more from each other than one council does from year to year'
    end as why_no_interval
from standing
inner join figures on standing.figure_key = figures.figure_key
left join levels on standing.figure_key = levels.figure_key
left join ranks on standing.figure_key = ranks.figure_key
left join spreads
    on standing.measure_id = spreads.measure_id and standing.definition_version = spreads.definition_version
