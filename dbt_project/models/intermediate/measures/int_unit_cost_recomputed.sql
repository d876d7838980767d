-- Each unit cost worked out again from its printed parts. Where it is off by exactly the weeks of a year the
-- denominator is one of a week under the heading of a year, or the other way round: the price is right and the part is
-- not.
with

measured as (

    select * from {{ ref('int_unit_cost') }}

),

recomputed as (

    select
        figure_id,
        value,
        value_half_step,
        denominator,
        denominator_half_step,
        weeks_per_year,
        {{ ratio('numerator', 'denominator') }} as recomputed_value,
        {{ ratio('numerator - numerator_half_step', 'denominator + denominator_half_step') }} as recomputed_low,
        case
            when denominator > denominator_half_step
                then {{ ratio('numerator + numerator_half_step', 'denominator - denominator_half_step') }}
        end as recomputed_high
    from measured

),

-- How far the printed unit cost is outside what its printed parts allow; and how far it would be if the denominator
-- counted a week in place of a year, or a year in place of a week.
compared as (

    select
        *,
        {%- for factor, gap in [
            ('1', 'recompute_gap_gbp'), ('weeks_per_year', 'gap_of_a_week'), ('1.0 / weeks_per_year', 'gap_of_a_year')
        ] %}
    case
        when value is not null and recomputed_high is not null
            then {{ rounded(
                    'greatest(cast(recomputed_low as double) * ' ~ factor ~ ' - (value + value_half_step),'
                    ~ ' (value - value_half_step) - cast(recomputed_high as double) * ' ~ factor ~ ', 0)'
                ) }}
    end as {{ gap }}
    {{- ',' if not loop.last }}
    {%- endfor %}
    from recomputed

),

explained as (

    select
        *,
        case
            when recompute_gap_gbp > 0 and gap_of_a_week = 0 then cast(weeks_per_year as {{ type_decimal() }})
            when recompute_gap_gbp > 0 and gap_of_a_year = 0 then {{ ratio('1', 'weeks_per_year') }}
            else cast(1 as {{ type_decimal() }})
        end as denominator_factor
    from compared

)

select
    figure_id,
    recomputed_value,
    recomputed_low,
    recomputed_high,
    recompute_gap_gbp,
    denominator_factor,
{% for column in ['denominator', 'denominator_half_step'] -%}
cast(
    case
        when denominator_factor = 1 then {{ column }}
        when denominator_factor > 1 then {{ ratio(column, 'weeks_per_year') }}
        else {{ column }} * weeks_per_year
    end as {{ type_decimal() }}
) as believed_{{ column }}
{{- ',' if not loop.last }}
{% endfor -%}
from explained
