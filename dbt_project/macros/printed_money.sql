{#- Money in words as documents print it: "£103,959 million", "£400.000", "2900m 2337m", "£4 to £6 million". Patterns have
    no backslash, which Spark's texts read otherwise than DuckDB's. -#}

{#- All amounts of a text: with a pound sign, with a unit right behind the number, or with the unit of a column, (£m). -#}
{% macro printed_amounts(column) -%}
    regexp_extract_all(
        {{ column }},
        '(£ ?-?[0-9][0-9,.]*p?( ?(million|billion|bn|m|M|k|K)([^a-zA-Z]|$))?'
        || '|-?[0-9][0-9,.]* ?(million|billion|bn|m|M|k|K)([^a-zA-Z]|$)'
        || '|-?[0-9][0-9,.]* [(]£m[)])',
        0
    )
{%- endmacro %}

{#- The number-th amount, from 1; null where there are fewer. -#}
{% macro amount_at(amounts, number) -%}
    {{ return(adapter.dispatch('amount_at', 'carequartile')(amounts, number)) }}
{%- endmacro %}

{% macro default__amount_at(amounts, number) -%}
    list_extract({{ amounts }}, {{ number }})
{%- endmacro %}

{% macro spark__amount_at(amounts, number) -%}
    get({{ amounts }}, {{ number }} - 1)
{%- endmacro %}

{#- The digits of one amount with their separators, without the point or comma that ends the sentence. -#}
{% macro amount_digits(amount) -%}
    regexp_replace(regexp_extract({{ amount }}, '-?[0-9][0-9,.]*', 0), '[,.]+$', '')
{%- endmacro %}

{% macro amount_unit(amount) -%}
    regexp_extract(lower({{ amount }}), '(million|billion|bn|m|k)', 0)
{%- endmacro %}

{% macro unit_in_pounds(unit) -%}
    case
        when {{ unit }} in ('million', 'm') then 1000000 when {{ unit }} in ('billion', 'bn') then 1000000000
        when {{ unit }} = 'k' then 1000 else 1
    end
{%- endmacro %}

{#- The unit behind the second amount of a range, which the first one shares; empty where the text is no range. -#}
{% macro range_unit(column) -%}
    regexp_extract(
        lower({{ column }}), '£ ?[0-9.]+ ?(to|and|-) ?£ ?[0-9.]+ ?(million|billion|bn|m|k)([^a-z]|$)', 2
    )
{%- endmacro %}

{#- What is odd about one amount as it is printed, a rule of programme_rule.csv; empty where it reads as it is meant. -#}
{% macro print_rule(digits, unit, shared_unit, amount) -%}
    case
        when {{ unit }} in ('million', 'm', 'billion', 'bn') and {{ digits }} like '%,___' then 'decimal_comma'
        when {{ unit }} in ('million', 'm') and try_cast(replace({{ digits }}, ',', '') as double) >= 1000
            then 'dropped_decimal_point'
        when {{ unit }} = '' and {{ shared_unit }} <> '' then 'shared_unit'
        when {{ unit }} = '' and {{ digits }} like '%.___' then 'three_decimals_no_unit'
        when {{ amount }} like '%p' then 'pence_mark'
        else ''
    end
{%- endmacro %}

{#- What the amount literally says, in pounds. -#}
{% macro literal_pounds(digits, unit) -%}
    try_cast(replace({{ digits }}, ',', '') as double) * {{ unit_in_pounds(unit) }}
{%- endmacro %}

{#- What it means, in pounds. Three decimals without a unit are millions where the point is a point, thousands where it
    stands for a comma: `thousands` says which of the two readings is asked for. -#}
{% macro meant_pounds(rule, digits, unit, shared_unit, thousands=false) -%}
    case {{ rule }}
        when 'decimal_comma'
            then try_cast(replace({{ digits }}, ',', '.') as double) * {{ unit_in_pounds(unit) }}
        when 'dropped_decimal_point'
            then try_cast(replace({{ digits }}, ',', '') as double) * {{ unit_in_pounds(unit) }} / 1000
        when 'shared_unit' then try_cast({{ digits }} as double) * {{ unit_in_pounds(shared_unit) }}
        when 'three_decimals_no_unit'
            then try_cast({{ digits }} as double) * {{ 1000 if thousands else 1000000 }}
        else {{ literal_pounds(digits, unit) }}
    end
{%- endmacro %}
