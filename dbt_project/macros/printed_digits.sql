{#- Half of the last printed digit of a number as text: what the printed text cannot distinguish. A closing .0 does not
    count: extracts write whole thousands so. -#}
{% macro half_of_last_digit(text) -%}
    case
        when {{ text }} like '%.0' then 0.5
        when {{ text }} like '%.____%' then 0.00005
        when {{ text }} like '%.___' then 0.0005
        when {{ text }} like '%.__' then 0.005
        when {{ text }} like '%._' then 0.05
        else 0.5
    end
{%- endmacro %}
