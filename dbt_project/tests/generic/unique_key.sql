{#- A table's key: no two rows have the same values in these columns, and none of them is null but those named as nullable.
    One query, however many columns. -#}
{% test unique_key(model, columns, nullable=[]) %}
select
    {%- for column in columns %}
    {{ adapter.quote(column) }},
    {%- endfor %}
    count(*) as n_rows
from {{ model }}
group by {% for column in columns %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ adapter.quote(column) }} is null
    {%- endfor %}
{% endtest %}
