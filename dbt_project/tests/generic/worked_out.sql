{#- Columns that other columns of the row give: {name: SQL}. The published file does not store them, it works them out
    when they are read (publish._create_table), so what it shows must be what this table holds. -#}
{% test worked_out(model, columns) %}
select *
from {{ model }}
where {% for column, sql in columns.items() %}{{ adapter.quote(column) }} is distinct from {{ sql }}{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
