{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- The layer is the schema, without dbt's prefix: people query marts.fct_figure, not main_marts.fct_figure. -#}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
