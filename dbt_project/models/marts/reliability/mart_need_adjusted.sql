-- What a council would be expected to spend by the need of its residents, from the other councils alone: ordinary least
-- squares, each factor made orthogonal to those before it (Gram and Schmidt), so that no matrix is inverted.
{%- set factors = ['older_pct', 'deprivation', 'size', 'london'] %}
{%- set fewest = 40 %}
with

figures as (

    select * from {{ ref('cmp_figure') }}

),

standing as (

    select * from {{ ref('cmp_standing') }} where peer_set = 'england' and basis = 'excluding_flagged'

),

headlines as (

    select measure_id from {{ ref('believed_measure') }} where topic in ('spend', 'unit_cost')

),

needs as (

    select * from {{ ref('cmp_need') }}

),

volumes as (

    select figure_id, volume, scale from {{ ref('int_saving_volume') }}

),

measured as (

    select
        standing.figure_key,
        figures.figure_id,
        figures.series_key,
        figures.verdict,
        standing.council_code,
        standing.council,
        standing.financial_year,
        standing.measure_id,
        standing.definition_version,
        standing.unit,
        standing.value,
        cast(standing.value as double) as amount,
        needs.older_pct,
        needs.deprivation,
        needs.size,
        needs.london,
        volumes.volume,
        volumes.scale
    from standing
    inner join headlines on standing.measure_id = headlines.measure_id
    inner join figures on standing.figure_key = figures.figure_key
    inner join needs
        on standing.council_code = needs.council_code and standing.financial_year = needs.financial_year
    left join volumes on figures.figure_id = volumes.figure_id

),

step_0 as (

    select
        figure_key,
        series_key,
        count(*) over (partition by series_key) as n,
        avg(amount) over (partition by series_key) as mean,
        {%- for factor in factors %}
        {{ factor }} - avg({{ factor }}) over (partition by series_key) as {{ factor }},
        {%- endfor %}
        amount - avg(amount) over (partition by series_key) as deviation,
        amount - avg(amount) over (partition by series_key) as residual,
        1 / cast(count(*) over (partition by series_key) as double) as leverage
    from measured

),
{%- for factor in factors %}
{%- set square = 'nullif(sum(' ~ factor ~ ' * ' ~ factor ~ ') over (partition by series_key), 0)' %}

step_{{ loop.index }} as (

    select
        figure_key,
        series_key,
        n,
        mean,
        deviation,
        {%- for other in factors[loop.index:] %}
        {{ other }} - coalesce(
            {{ factor }} * sum({{ factor }} * {{ other }}) over (partition by series_key) / {{ square }}, 0
        ) as {{ other }},
        {%- endfor %}
        residual - coalesce(
            {{ factor }} * sum({{ factor }} * residual) over (partition by series_key) / {{ square }}, 0
        ) as residual,
        leverage + coalesce({{ factor }} * {{ factor }} / {{ square }}, 0) as leverage
    from step_{{ loop.index0 }}

),
{%- endfor %}

-- A residual over one less its leverage is what it would be had the council been left out of the model.
left_out as (

    select
        figure_key,
        series_key,
        n,
        mean,
        deviation,
        residual,
        residual / (1 - leverage) as residual_left_out,
        deviation * n / (n - 1) as deviation_left_out
    from step_{{ factors | length }}
    where n >= {{ fewest }} and leverage < 0.999999

),

fitted as (

    select
        left_out.*,
        1 - sum(left_out.residual * left_out.residual) over (partition by left_out.series_key)
        / nullif(sum(left_out.deviation * left_out.deviation) over (partition by left_out.series_key), 0) as r2,
        1 - sum(left_out.residual_left_out * left_out.residual_left_out) over (partition by left_out.series_key)
        / nullif(
            sum(left_out.deviation_left_out * left_out.deviation_left_out) over (partition by left_out.series_key), 0
        ) as r2_left_out,
        count(*) over (partition by left_out.series_key) as n_ranked,
        row_number() over (
            partition by left_out.series_key order by left_out.deviation, left_out.figure_key
        ) as own_rank,
        row_number() over (
            partition by left_out.series_key order by {{ rounded('left_out.residual_left_out') }}, left_out.figure_key
        ) as adjusted_rank
    from left_out

),

compared as (

    select
        fitted.*,
        {{ quartile_band('fitted.own_rank', 'fitted.n_ranked') }} as own_quartile,
        {{ quartile_band('fitted.adjusted_rank', 'fitted.n_ranked') }} as adjusted_quartile
    from fitted

)

select
    measured.figure_id,
    measured.council_code,
    measured.council,
    measured.financial_year,
    measured.measure_id,
    measured.definition_version,
    measured.value,
    measured.unit,
    measured.verdict,
    cast(compared.n as integer) as n_councils,
    cast({{ rounded('compared.mean') }} as {{ type_rate() }}) as england_mean,
    cast({{ rounded('measured.amount - compared.residual_left_out') }} as {{ type_rate() }}) as expected_value,
    cast({{ rounded('compared.residual_left_out') }} as {{ type_rate() }}) as value_less_expected,
    cast({{ rounded('compared.r2') }} as {{ type_rate() }}) as r2,
    cast({{ rounded('compared.r2_left_out') }} as {{ type_rate() }}) as r2_left_out,
    cast(compared.own_rank as integer) as rank_without_need,
    cast(compared.adjusted_rank as integer) as rank_with_need,
    compared.own_quartile as quartile_without_need,
    compared.adjusted_quartile as quartile_with_need,
    {%- for name, gap in [('without', 'compared.deviation_left_out'), ('with', 'compared.residual_left_out')] %}
    cast({{ rounded(
        'case when ' ~ gap ~ ' > 0 then ' ~ gap ~ ' else 0 end * cast(measured.volume as double) / measured.scale'
    ) }} as {{ type_rate() }}) as gap_{{ name }}_need_gbp,
    {%- endfor %}
    case
        when compared.r2_left_out <= 0.05
            then 'the model explains next to nothing of this measure, so that with need is no better than without'
        else concat(
            'the model explains ', {{ whole_pct('(100 * compared.r2_left_out)') }},
            ' of the differences; a sensitivity, never a target'
        )
    end as caveat,
    {{ need_sentence('compared') }} as sentence
from compared
inner join measured on compared.figure_key = measured.figure_key
