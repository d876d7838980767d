{#- The distinct values of a column as one text, in alphabetical order: `a, b, c`. -#}
{% macro joined_list(column) -%}
    {{ return(adapter.dispatch('joined_list', 'carequartile')(column)) }}
{%- endmacro %}

{% macro default__joined_list(column) -%}
    string_agg(distinct {{ column }}, ', ' order by {{ column }})
{%- endmacro %}

{% macro spark__joined_list(column) -%}
    array_join(sort_array(collect_set({{ column }})), ', ')
{%- endmacro %}
