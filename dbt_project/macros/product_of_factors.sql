{#- The product of a claim's factors, of their numbers or of one end of their intervals. A factor that the claim does not
    have is 1. -#}
{% macro product_of_factors(column) -%}
    {%- for factor in [1, 2, 3, 4] -%}
        coalesce(max(case factor when {{ factor }} then {{ column }} end), 1){{ ' * ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
