{#- Every row finds its one in another table by several columns of the same names; relationships knows only one. -#}
{% test refers_to(model, columns, to) %}
select distinct {% for column in columns %}child.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from {{ model }} as child
left join {{ to }} as parent
    on {% for column in columns %}child.{{ column }} = parent.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
where parent.{{ columns[0] }} is null
{% endtest %}
