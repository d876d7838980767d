{#- Why an amount cannot carry growth or an index: branches of a case. -#}
{% macro base_reason(verdict, amount) -%}
    when {{ verdict }} = 'quarantine' then 'base_quarantined'
            when {{ amount }} < 0 then 'base_negative'
            when {{ amount }} = 0 then 'base_zero'
{%- endmacro %}
