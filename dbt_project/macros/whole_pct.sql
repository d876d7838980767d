{#- A per cent in words, as a whole number (halves go up on every engine); nothing that may be otherwise is 0% or 100%. -#}
{% macro whole_pct(number) -%}
    case
        when {{ number }} > 99 and {{ number }} < 100 then 'over 99%'
        when {{ number }} < 1 and {{ number }} > 0 then 'under 1%'
        else concat(cast(cast(floor({{ number }} + 0.5) as integer) as {{ dbt.type_string() }}), '%')
    end
{%- endmacro %}
