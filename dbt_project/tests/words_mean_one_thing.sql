-- A word that is in its list twice would double every line that uses it.
select
    'term' as list,
    concat(collection, ' ', dimension, ' ', coalesce(printed, '')) as word
from {{ ref('term') }}
group by collection, dimension, coalesce(printed, '')
having count(*) > 1
{%- for list in ['client_group', 'age_band', 'service', 'quantity', 'collection'] %}
union all
select
    '{{ list }}' as list,
    {{ list }} as word
from {{ ref(list) }}
group by {{ list }}
having count(*) > 1
{%- endfor %}
