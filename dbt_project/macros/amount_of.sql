{#- Which of a part's amounts counts: its value, or the numerator or denominator of a unit cost. With prefix 'ruled_',
    what is left of it when rulings are taken in. -#}
{% macro amount_of(part, which, prefix='') -%}
    case {{ which }}
        when 'value' then {{ part }}.{{ prefix }}value
        when 'numerator' then {{ part }}.{{ prefix }}numerator
        when 'denominator' then {{ part }}.{{ prefix }}denominator
    end
{%- endmacro %}
