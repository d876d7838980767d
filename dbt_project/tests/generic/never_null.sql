{#- Columns that hold something in every row; one query, where not_null would be one each. -#}
{% test never_null(model, columns) %}
select *
from {{ model }}
where {% for column in columns %}{{ adapter.quote(column) }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
