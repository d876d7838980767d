{#- A table's key: its columns together stand once, and none of them is null. One query, however many columns. -#}
{% test unique_key(model, columns) %}
select
    {%- for column in columns %}
    {{ adapter.quote(column) }},
    {%- endfor %}
    count(*) as n_rows
from {{ model }}
group by {% for column in columns %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ adapter.quote(column) }} is null
    {%- endfor %}
{% endtest %}
