{#- Which of a part's amounts counts: its value, or the numerator or denominator of a unit cost. With prefix 'ruled_',
    what is left of it when rulings are taken in; with suffix '_half_step', how far it may be off by rounding. -#}
{% macro amount_of(part, which, prefix='', suffix='') -%}
    case {{ which }}
        when 'value' then {{ part }}.{{ prefix }}value{{ suffix }}
        when 'numerator' then {{ part }}.{{ prefix }}numerator{{ suffix }}
        when 'denominator' then {{ part }}.{{ prefix }}denominator{{ suffix }}
    end
{%- endmacro %}
