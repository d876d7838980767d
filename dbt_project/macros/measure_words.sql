{#- The id of a measure: its words joined. The age is left out where the client group is of that age by definition. -#}
{% macro measure_id_of(client, age_slug, is_own_age, service, provider, quantity) -%}
    concat(
        {{ client }},
        case when {{ is_own_age }} then '' else concat('_', coalesce({{ age_slug }}, '')) end,
        case when {{ service }} = '' then '' else concat('_', {{ service }}) end,
        case when {{ provider }} = '' then '' else concat('_', {{ provider }}) end,
        '_', {{ quantity }}
    )
{%- endmacro %}

{#- One short column to join by, in place of a measure and its definition version; null where either is. The same in
    every run and on every engine. -#}
{% macro measure_key(measure_id, definition_version) -%}
    substr(md5({{ measure_id }} || ' ' || {{ definition_version }}), 1, 12)
{%- endmacro %}

{#- The measure in words, for headings. -#}
{% macro measure_label_of(quantity_label, service_label, client_group_label, age_band) -%}
    concat(
        {{ quantity_label }},
        case when {{ service_label }} is null then '' else concat(', ', lower({{ service_label }})) end,
        ', ', {{ client_group_label }},
        case when {{ age_band }} is null then '' else concat(', ', {{ age_band }}) end
    )
{%- endmacro %}

{#- Whether a line is one of those that add up to all of its quantity. Totals and parts of an age band are left out, or
    money would be counted twice. Reads the joins `groups`, `ages` and `services`. -#}
{% macro is_leaf_line(service) -%}
    (
        groups.is_total = 'false' and coalesce(ages.whole, '') = ''
        and (
            ({{ service }} <> '' and services.is_total = 'false')
            or ({{ service }} = '' and groups.divided = 'false')
        )
    )
{%- endmacro %}
