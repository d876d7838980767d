{#- Decimals of one width everywhere: money and ratios must come out equal on every engine. dbt.type_float() is 32 bits
    wide on two of them, so it is never used. -#}
{% macro type_decimal() -%}
    decimal(28, 6)
{%- endmacro %}

{#- A printed number as a decimal, or null: thousands commas, currency signs and the publisher's asterisk go. -#}
{% macro printed_number(column) -%}
    try_cast(translate(trim({{ column }}), ',£$* ', '') as {{ type_decimal() }})
{%- endmacro %}

{#- n / d to six decimals. Decimal division differs from engine to engine (DuckDB gives a double, Spark its own scale),
    so it is done in doubles and cast once; below 10^9 the double's error never reaches the sixth decimal. -#}
{% macro ratio(numerator, denominator) -%}
    cast(
        cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0) as {{ type_decimal() }}
    )
{%- endmacro %}

{% macro median(column) -%}
    cast(
        percentile_cont(0.5) within group (order by cast({{ column }} as double)) as {{ type_decimal() }}
    )
{%- endmacro %}

{% macro mean(column) -%}
    {{ ratio('sum(' ~ column ~ ')', 'count(' ~ column ~ ')') }}
{%- endmacro %}
