-- Every word or code that is used is in the list of its kind; otherwise a measure would have no label.
with

known as (

    {%- for list in ['client_group', 'age_band', 'service', 'quantity'] %}
    select
        '{{ list }}' as list,
        {{ list }} as word
    from {{ ref(list) }}
    union all
    {%- endfor %}
    -- Provision and whether a line is mandatory have few words, which are written in the models.
    select
        'provision' as list,
        'own' as word
    union all
    select
        'provision' as list,
        'others' as word
    union all
    select
        'provision' as list,
        'net' as word
    union all
    select
        'provision' as list,
        'all' as word
    union all
    select
        'data_type' as list,
        'mandatory' as word
    union all
    select
        'data_type' as list,
        'voluntary' as word

),

used as (

    select
        dimension as list,
        slug as word
    from {{ ref('term') }}
    {%- for list in ['client_group', 'age_band', 'service', 'provision'] %}
    union all
    select
        '{{ list }}' as list,
        {{ list }} as word
    from {{ ref('coded_line') }}
    {%- endfor %}
    {%- for list in ['client_group', 'age_band', 'service', 'provision', 'quantity'] %}
    union all
    select
        '{{ list }}' as list,
        {{ list }} as word
    from {{ ref('expected_line') }}
    {%- endfor %}
    union all
    select
        'service' as list,
        whole as word
    from {{ ref('service') }}
    union all
    select
        'age_band' as list,
        whole as word
    from {{ ref('age_band') }}
    union all
    select
        'age_band' as list,
        own_age_band as word
    from {{ ref('client_group') }}
    union all
    select
        'client_group' as list,
        client_group as word
    from {{ ref('definition') }}

)

select distinct
    used.list,
    used.word
from used
left join known on used.list = known.list and used.word = known.word
where coalesce(used.word, '') <> '' and known.word is null
