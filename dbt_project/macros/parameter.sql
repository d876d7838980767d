{#- One number of seeds/reference/parameter.csv, such as weeks_per_year, as a column with that name. -#}
{% macro parameter(name, type=none) -%}
    select {{ 'cast(number as ' ~ type ~ ')' if type else 'number' }} as {{ name }}
    from {{ ref('parameter') }}
    where parameter = '{{ name }}'
{%- endmacro %}
