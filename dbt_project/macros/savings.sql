{#- The CTEs `amounts` to `savings`: what is saved, from rows of a CTE `targets` as mart_saving_target has them. In doubles
    throughout: engines multiply and divide decimals to different places. With the total of a share held, money saved is
    spent on something else and the share's denominator stays; where it moves, the total falls by the saving too:
    s = (spend - t x total) / (1 - t). -#}
{% macro saving_amounts() %}
amounts as (

    select
        targets.*,
        {%- for name, spend, target, volume in [
            ('gap_gbp', 'spend', 'target_value', 'volume'),
            ('gap_low_gbp', 'spend - spend_half_step', 'target_value', 'volume + volume_half_step'),
            ('gap_high_gbp', 'spend + spend_half_step', 'target_value', 'volume - volume_half_step'),
            ('gap_year_before_gbp', 'spend', 'earlier_target_value', 'volume')
        ] %}
        {{ saving_gap(spend, target, volume) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from targets

),

floored as (

    select
        amounts.*,
        is_its_own_target or is_no_target or is_no_peer_level
        or (
            target <> 'given' and not is_borne_out and gap_gbp > 1000000 and gap_gbp > 0.75 * spend
        ) as saves_nothing,
        case when gap_gbp > 0 then gap_gbp else 0 end as above_gbp,
        case when gap_low_gbp > 0 then gap_low_gbp else 0 end as above_low_gbp,
        case when gap_high_gbp > 0 then gap_high_gbp else 0 end as above_high_gbp,
        case
            when gap_year_before_gbp > 0 then gap_year_before_gbp
            when gap_year_before_gbp <= 0 then 0
        end as above_year_before_gbp
    from amounts

),

-- A unit cost is printed more finely than its parts now and then, and may be a penny outside the range they allow.
savings as (

    select
        floored.*,
        {%- for name, amount in [
            ('saving_gbp', 'above_gbp'),
            ('saving_low_gbp', 'case when above_low_gbp < above_gbp then above_low_gbp else above_gbp end'),
            ('saving_high_gbp', 'case when above_high_gbp > above_gbp then above_high_gbp else above_gbp end'),
        ] %}
        case when saves_nothing then 0 else cast({{ amount }} as {{ type_rate() }}) end as {{ name }},
        {%- endfor %}
        case
            when above_year_before_gbp is null then null
            when saves_nothing then 0
            else cast(above_year_before_gbp as {{ type_rate() }})
        end as earlier_target_saving_gbp
    from floored

)
{%- endmacro %}

{#- What the spend is above a target, times the volume; negative below it. The sums of spend and of volume are of doubles. -#}
{% macro saving_gap(spend, target, volume) -%}
    {%- set amount = as_doubles(spend) ~ ' - cast(' ~ target ~ ' as double) * (' ~ as_doubles(volume) ~ ') / scale' -%}
    {{ rounded(
        '(' ~ amount ~ ") / case denominator_rule when 'moves' then nullif(1 - cast(" ~ target
        ~ ' as double) / scale, 0) else 1 end'
    ) }}
{%- endmacro %}

{% macro as_doubles(sum) -%}
    {%- for part in sum.split(' ') -%}
        {{ ' ' ~ part ~ ' ' if part in ('+', '-') else 'cast(' ~ part ~ ' as double)' }}
    {%- endfor -%}
{%- endmacro %}
