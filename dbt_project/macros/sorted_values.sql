{#- The values of a group in ascending order, as an array. -#}
{% macro sorted_values(column) -%}
    {{ return(adapter.dispatch('sorted_values', 'carequartile')(column)) }}
{%- endmacro %}

{% macro default__sorted_values(column) -%}
    list_sort(list({{ column }}))
{%- endmacro %}

{% macro spark__sorted_values(column) -%}
    sort_array(collect_list({{ column }}))
{%- endmacro %}

{#- The k-th of an array of sorted values, the first being 1, when the one at position `left_out` is not counted. -#}
{% macro kth_value(values, k, left_out) -%}
    {{ return(adapter.dispatch('value_at', 'carequartile')(
        values, k ~ ' + case when ' ~ k ~ ' >= ' ~ left_out ~ ' then 1 else 0 end'
    )) }}
{%- endmacro %}

{% macro default__value_at(values, position) -%}
    list_extract({{ values }}, {{ position }})
{%- endmacro %}

{% macro spark__value_at(values, position) -%}
    get({{ values }}, {{ position }} - 1)
{%- endmacro %}

{#- The sum of the first k of an array of values. -#}
{% macro sum_of_first(values, k) -%}
    {{ return(adapter.dispatch('sum_of_first', 'carequartile')(values, k)) }}
{%- endmacro %}

{% macro default__sum_of_first(values, k) -%}
    list_sum(list_slice({{ values }}, 1, {{ k }}))
{%- endmacro %}

{% macro spark__sum_of_first(values, k) -%}
    aggregate(slice({{ values }}, 1, {{ k }}), cast(0 as decimal(38, 6)), (total, one) -> cast(total + one as decimal(38, 6)))
{%- endmacro %}

{#- The quantile at `part` quarters (1, 2, 3) of the n values left, by linear interpolation between its two neighbours
    (Hyndman and Fan's seventh, as QUARTILE.INC of spreadsheets). In whole quarters, so that no engine rounds. -#}
{% macro quartile(values, n, left_out, part) -%}
    {%- set below = '(1 + cast(floor((' ~ n ~ ' - 1) * ' ~ part ~ ' / 4.0) as integer))' -%}
    {%- set quarters = '((' ~ n ~ ' - 1) * ' ~ part ~ ' % 4)' -%}
    {{ ratio(
        '((4 - ' ~ quarters ~ ') * ' ~ kth_value(values, below, left_out)
        ~ ' + ' ~ quarters ~ ' * coalesce(' ~ kth_value(values, below ~ ' + 1', left_out) ~ ', 0))',
        '4'
    ) }}
{%- endmacro %}

{#- The mean of the lowest quarter (rounded up) of the n values left; `own` is what is left out at that position. -#}
{% macro lowest_quarter_mean(values, n, left_out, own) -%}
    {%- set k = 'cast(ceil(' ~ n ~ ' / 4.0) as integer)' -%}
    {%- set reached = '(' ~ left_out ~ ' <= ' ~ k ~ ')' -%}
    {{ ratio(
        '(' ~ sum_of_first(values, k ~ ' + case when ' ~ reached ~ ' then 1 else 0 end')
        ~ ' - case when ' ~ reached ~ ' then ' ~ own ~ ' else 0 end)',
        k
    ) }}
{%- endmacro %}
