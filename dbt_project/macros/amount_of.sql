{#- The amount of a part that is used: its value, or the numerator or denominator of a unit cost. With prefix 'ruled_',
    the amount after rulings; with suffix '_half_step', how far it may be off by rounding. -#}
{% macro amount_of(part, which, prefix='', suffix='') -%}
    case {{ which }}
        when 'value' then {{ part }}.{{ prefix }}value{{ suffix }}
        when 'numerator' then {{ part }}.{{ prefix }}numerator{{ suffix }}
        when 'denominator' then {{ part }}.{{ prefix }}denominator{{ suffix }}
    end
{%- endmacro %}
