{#- What a printed denominator is multiplied by, so that numerator (in pounds) / denominator is the unit cost: weekly ones
    by the weeks of a year, days of the year by a seventh (a week has seven), a share's pounds in thousands by ten. -#}
{% macro periods_per_year(denominator_per, weeks_per_year) -%}
    case {{ denominator_per }}
        when 'week' then {{ weeks_per_year }}
        when 'day' then cast(1 as {{ type_decimal() }}) / 7
        when 'percent' then 10
        else 1
    end
{%- endmacro %}
