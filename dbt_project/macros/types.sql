{#- Decimals of one width everywhere: money and ratios must come out equal on every engine. dbt.type_float() is 32 bits
    wide on two of them, so it is never used. -#}
{% macro type_decimal() -%}
    decimal(28, 6)
{%- endmacro %}

{#- A printed cell as text: spaces around it do not count, and a blank cell is null. -#}
{% macro printed_text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{#- A printed number as a decimal, or null: thousands commas, currency signs, the publisher's asterisk and
    shorthand such as [p] go, and so does a second number in brackets, 7.7 (7.6), which is by an earlier rule. Tried in 64
    bits first, which is ten times as fast on millions of cells, and in full width where it does not fit. -#}
{% macro printed_number(column) -%}
    {%- set first = "translate(trim(split_part(split_part(" ~ column ~ ", '[', 1), ' (', 1)), ',£$* ', '')" %}
    coalesce(
        cast(try_cast({{ first }} as decimal(18, 6)) as {{ type_decimal() }}),
        try_cast({{ first }} as {{ type_decimal() }})
    )
{%- endmacro %}

{#- A double as a decimal, a half in the seventh place rounded away from zero as DuckDB does it: multiplied first. Spark
    by itself rounds the shortest text of the double instead, which sometimes rounds the other way. -#}
{% macro rounded(number) -%}
    {{ return(adapter.dispatch('rounded', 'carequartile')(number)) }}
{%- endmacro %}

{% macro default__rounded(number) -%}
    cast({{ number }} as {{ type_decimal() }})
{%- endmacro %}

{% macro spark__rounded(number) -%}
    cast(cast(({{ number }}) * cast(1000000 as double) as decimal(28, 0)) * 0.000001 as {{ type_decimal() }})
{%- endmacro %}

{#- n / d to six decimals. Decimal division differs from engine to engine (DuckDB gives a double, Spark its own scale),
    so it is done in doubles and cast once; below 10^9 the double's error never reaches the sixth decimal. -#}
{% macro ratio(numerator, denominator) -%}
    {{ rounded('cast(' ~ numerator ~ ' as double) / nullif(cast(' ~ denominator ~ ' as double), 0)') }}
{%- endmacro %}

{#- Half-way between the two middle values. -#}
{% macro median(column) -%}
    {{ return(adapter.dispatch('median', 'carequartile')(column)) }}
{%- endmacro %}

{% macro default__median(column) -%}
    {{ rounded('percentile_cont(0.5) within group (order by cast(' ~ column ~ ' as double))') }}
{%- endmacro %}

{#- Spark's percentile_cont adds half the difference to the lower value, which may lose the double's last bit; so the two
    middle values are taken as they are: the first half counted from below, and from above. -#}
{% macro spark__median(column) -%}
    {%- set middle -%}
        (
            percentile_disc(0.5) within group (order by cast({{ column }} as double))
            + percentile_disc(0.5) within group (order by cast({{ column }} as double) desc)
        ) / 2
    {%- endset -%}
    {{ rounded(middle) }}
{%- endmacro %}

{% macro mean(column) -%}
    {{ ratio('sum(' ~ column ~ ')', 'count(' ~ column ~ ')') }}
{%- endmacro %}

{#- Decimals for rates, shares and their statistics: half the width, since there are millions of them. Below 10^12. -#}
{% macro type_rate() -%}
    decimal(18, 6)
{%- endmacro %}
