{#- The chance that a normal deviate is below z: Abramowitz and Stegun 26.2.17, within 0.0000001. Neither engine has one
    that the other has too. -#}
{% macro normal_chance(z) -%}
    {%- set t = '(1 / (1 + 0.2316419 * abs(' ~ z ~ ')))' -%}
    {%- set tail -%}
        exp(-0.5 * {{ z }} * {{ z }}) * 0.3989422804014327 * {{ t }} * (
            0.319381530 + {{ t }} * (
                -0.356563782 + {{ t }} * (1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429))
            )
        )
    {%- endset -%}
    case when {{ z }} > 0 then 1 - {{ tail }} else {{ tail }} end
{%- endmacro %}

{#- What nine tenths of a column are not above, interpolated. -#}
{% macro ninetieth(column) -%}
    {{ rounded('percentile_cont(0.9) within group (order by cast(' ~ column ~ ' as double))') }}
{%- endmacro %}

{#- Between these lies the middle 90% of a normal deviate: 5% are beyond either end. -#}
{% macro ninety_pct_z() -%}
    1.6448536269514722
{%- endmacro %}

{#- A value from its logarithm, or from the logarithm of its odds where it is a percentage between 0 and 100. -#}
{% macro from_log(number, scale) -%}
    case {{ scale }} when 'logit' then 100 / (1 + exp(-({{ number }}))) else exp({{ number }}) end
{%- endmacro %}
