-- How many councils have a lower usual level than each, as a distribution: for each level that the council may
-- have, the number of others below it is a sum of independent chances, taken as normal. Over its levels by five points
-- of Gauss and Hermite. A thousandth of a rank is no rank: engines add up in different orders.
with

levels as (

    select * from {{ ref('cmp_usual_level') }}

),

nodes as (

    {% for z, weight in [
        (-2.8569700138728, 0.0112574113277207), (-1.3556261799743, 0.222075922005613), (0, 0.533333333333333),
        (1.3556261799743, 0.222075922005613), (2.8569700138728, 0.0112574113277207),
    ] -%}
    select cast({{ z }} as double) as z, cast({{ weight }} as double) as weight
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

possible as (

    select
        levels.figure_key,
        levels.measure_id,
        levels.definition_version,
        levels.first_year,
        nodes.z,
        nodes.weight,
        levels.level + nodes.z * levels.level_error as possible_level
    from levels
    cross join nodes

),

chances as (

    select
        possible.figure_key,
        possible.z,
        possible.weight,
        {{ normal_chance('((possible.possible_level - others.level) / others.level_error)') }} as chance
    from possible
    inner join levels as others
        on
            possible.measure_id = others.measure_id
            and possible.definition_version = others.definition_version
            and possible.first_year = others.first_year
            and possible.figure_key <> others.figure_key

),

numbers as (

    select
        figure_key,
        z,
        weight,
        count(*) as n_others,
        sum(chance) as n_lower,
        sum(chance * (1 - chance)) as variance
    from chances
    group by figure_key, z, weight

),

-- noqa: disable=LT02
cumulated as (

    select
        figure_key,
        weight,
        n_others,
        n_lower,
        variance,
        {%- for quarter in [1, 2, 3] %}
        {{ normal_chance(
            '((ceil(' ~ quarter ~ ' * (n_others + 1) / 4.0) - 0.5 - n_lower) / sqrt(variance + 0.000000001))'
        ) }} as up_to_{{ quarter }}{{ ',' if not loop.last }}
        {%- endfor %}
    from numbers

),

summed as (

    select
        figure_key,
        max(n_others) + 1 as n_ranked,
        1 + sum(weight * n_lower) as expected_rank,
        sum(weight * (variance + n_lower * n_lower)) - sum(weight * n_lower) * sum(weight * n_lower) as rank_variance,
        {%- for quarter in [1, 2, 3] %}
        sum(weight * up_to_{{ quarter }}) as up_to_{{ quarter }}{{ ',' if not loop.last }}
        {%- endfor %}
    from cumulated
    group by figure_key

),

-- noqa: enable=LT02
bounded as (

    select
        summed.*,
        {{ ninety_pct_z() }}
        * sqrt(case when summed.rank_variance > 0 then summed.rank_variance else 0 end) as half_width
    from summed

)

select
    figure_key,
    n_ranked,
    expected_rank,
    case when expected_rank - half_width > 1 then floor(expected_rank - half_width + 0.001) else 1 end as rank_low,
    case
        when expected_rank + half_width < n_ranked then ceil(expected_rank + half_width - 0.001) else n_ranked
    end as rank_high,
    up_to_1,
    up_to_2,
    up_to_3
from bounded
