{#- A council's name as council_name.csv spells it: lower case, punctuation as spaces, one space between words. -#}
{% macro plain_name(column) -%}
    trim(replace(replace(translate(
        replace(replace(lower({{ column }}), '&', ' and '), chr(39), ''), '-.,()/', '      '
    ), '  ', ' '), '  ', ' '))
{%- endmacro %}

{#- The annex of councils as a programme and as a document: its own layouts print neither. -#}
{% macro annex_programme() -%}
    'LGA Adult Social Care Efficiency programme'
{%- endmacro %}

{% macro annex_document() -%}
    'LGA Adult Social Care Efficiency programme, annex of councils (2014)'
{%- endmacro %}

{#- The verdict on a row of a document, from the severities of what was found on it, aggregated. -#}
{% macro print_verdict(severity) -%}
    case
        when max(case {{ severity }} when 'quarantine' then 1 else 0 end) = 1 then 'quarantine'
        when max(case {{ severity }} when 'warn' then 1 else 0 end) = 1 then 'warn'
        else 'pass'
    end
{%- endmacro %}
