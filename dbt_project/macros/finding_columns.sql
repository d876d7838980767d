{#- Every check frame has the columns that identify a finding: file_name, release_id, council_code, financial_year,
    measure_id, figure_id, row_number and column_number. This macro adds, as nulls,
    those that a frame has no value for. -#}
{% macro no_finding_columns(names) -%}
    {%- for name in names %}
    cast(null as {{ 'integer' if name in ('row_number', 'column_number') else dbt.type_string() }}) as {{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
