{#- Placement tables hold millions of rows and grow by a snapshot at a time: what is built stays, snapshots that were
    replaced or dropped go. `dbt build --full-refresh` (a changed project) builds them anew. -#}
{% macro forget_old_snapshots(id='snapshot_id') -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ id }} not in (select snapshot_id from {{ source('raw', 'snapshot') }})
    {%- endif -%}
{%- endmacro %}

{#- A condition on a relation with a snapshot_id: only snapshots that are not built yet. -#}
{% macro is_new_snapshot(column='snapshot_id') -%}
    {%- if is_incremental() -%}
        {{ column }} not in (select distinct snapshot_id from {{ this }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The financial year of a date, such as 2009-10. -#}
{% macro financial_year_of(day) -%}
    {%- set first = "(extract(year from " ~ day ~ ") - case when extract(month from " ~ day ~ ") < 4 then 1 else 0 end)" -%}
    concat(cast({{ first }} as {{ dbt.type_string() }}), '-', substr(cast({{ first }} + 1 as {{ dbt.type_string() }}), 3, 2))
{%- endmacro %}

{#- A count of people as it may be shown: none below 5, others to the nearest 5. -#}
{% macro shown_people(people) -%}
    cast(case when {{ people }} >= 5 then {{ people }} + 2 - ({{ people }} + 2) % 5 end as integer)
{%- endmacro %}

{#- What sums of money are rounded to: the largest amount of one person in them, up to one digit (5,564 to 6,000), so
    that no difference of two sums shows what one person costs. -#}
{% macro gbp_step(largest) -%}
    {%- set power = 'power(10, floor(log10(cast(' ~ largest ~ ' as double))))' -%}
    cast(case when {{ largest }} > 0 then ceil(cast({{ largest }} as double) / {{ power }}) * {{ power }} end as {{ type_decimal() }})
{%- endmacro %}

{% macro shown_gbp(amount, step) -%}
    cast(round(cast({{ amount }} as double) / cast({{ step }} as double)) * cast({{ step }} as double) as {{ type_decimal() }})
{%- endmacro %}

{#- Whether a cell of a table must be hidden: fewer than 5 people, or the least of those that could be shown where what is
    shown would give a hidden one back. Every row is a part of `parent` (columns), which has `whole` people; where no
    whole is published, null.

    Whole and parts are rounded to the nearest 5, each within 2. What is hidden together therefore lies within
    2 + 2n of the difference of the whole and the n parts shown. Where that leaves each hidden part any of 1 to 4, no
    more need be hidden; else the smallest part shown is hidden too, which may be any number, so that nothing follows. -#}
{% macro is_hidden(parent, whole, order_by) -%}
    {%- set own = 'partition by ' ~ parent -%}
    {%- set n_small = '(sum(case when people < 5 then 1 else 0 end) over (' ~ own ~ '))' -%}
    {%- set n_shown = '(sum(case when people >= 5 then 1 else 0 end) over (' ~ own ~ '))' -%}
    {%- set shown = '(sum(coalesce(' ~ shown_people('people') ~ ', 0)) over (' ~ own ~ '))' -%}
    {%- set gap = '(' ~ shown_people(whole) ~ ' - ' ~ shown ~ ')' -%}
    (
        people < 5
        or (
            {{ n_small }} > 0
            and coalesce(
                {{ gap }} - 2 - 2 * {{ n_shown }} > 4 * {{ n_small }} - 3
                or {{ gap }} + 2 + 2 * {{ n_shown }} < 3 + {{ n_small }},
                false
            )
            and row_number() over (
                partition by {{ parent }}, case when people < 5 then 1 else 0 end order by people, {{ order_by }}
            ) = 1
        )
    )
{%- endmacro %}
