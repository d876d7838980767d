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
    {{ percentile(column, 0.9) }}
{%- endmacro %}

{#- Between these lies the middle 90% of a normal deviate: 5% are beyond either end. -#}
{% macro ninety_pct_z() -%}
    1.6448536269514722
{%- endmacro %}

{#- A value from its logarithm, or from the logarithm of its odds where it is a percentage between 0 and 100. -#}
{% macro from_log(number, scale) -%}
    case {{ scale }} when 'logit' then 100 / (1 + exp(-({{ number }}))) else exp({{ number }}) end
{%- endmacro %}

{#- Which quarter of the councils a band is, in words. -#}
{% macro quarter_words(band) -%}
    case {{ band }} when 1 then 'lowest' when 2 then 'second lowest' when 3 then 'second highest' else 'highest' end
{%- endmacro %}

{#- Rank and quarter with need instead of without, with how much of the differences need explains. -#}
{% macro need_sentence(row) -%}
    {%- set whole = {} -%}
    {%- for name in ['adjusted_rank', 'own_rank', 'n_ranked'] -%}
        {%- do whole.update(
            {name: 'cast(cast(' ~ row ~ '.' ~ name ~ ' as integer) as ' ~ dbt.type_string() ~ ')'}
        ) -%}
    {%- endfor -%}
    concat(
        'With the need of its residents taken out (age, deprivation, size, London) it is ',
        {{ whole.adjusted_rank }}, ' of ', {{ whole.n_ranked }}, ', in the ',
        {{ quarter_words(row ~ '.adjusted_quartile') }}, ' quarter, instead of ', {{ whole.own_rank }}, ', in the ',
        {{ quarter_words(row ~ '.own_quartile') }}, '; R2 of councils that the model has not seen: ',
        case
            when {{ row }}.r2_left_out < 0 then 'below 0%, so that it is no better than without'
            else {{ whole_pct('(100 * ' ~ row ~ '.r2_left_out)') }}
        end,
        '; a sensitivity, never a target.'
    )
{%- endmacro %}

{#- What a share of a column is not above, interpolated. -#}
{% macro percentile(column, share) -%}
    {{ rounded('percentile_cont(' ~ share ~ ') within group (order by cast(' ~ column ~ ' as double))') }}
{%- endmacro %}
