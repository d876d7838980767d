{#- The quarter that a rank of n is in, 1 to 4: where four does not divide n, the first is never the smaller one. -#}
{% macro quartile_band(own_rank, n) -%}
    cast(1 + floor(({{ own_rank }} - 1) * 4 / cast({{ n }} as double)) as integer)
{%- endmacro %}
