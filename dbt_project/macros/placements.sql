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

{#- The fewest and the most people that a shown count may stand for; null where none is shown. -#}
{% macro fewest_people(people) -%}
    (case when {{ people }} >= 5 then greatest({{ shown_people(people) }} - 2, 5) end)
{%- endmacro %}

{% macro most_people(people) -%}
    ({{ shown_people(people) }} + 2)
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

{#- The rows of `cells` with is_suppressed: hidden are fewer than 5 people, and the least of those that could be shown
    where what is shown would give a hidden one back. Every row is a part of `parent` (columns). `fewest` and `most` are
    what the part's shown count may stand for, `fewest_in_whole` and `most_in_whole` the same of the whole: null where
    it bounds the parts on no such side.

    What is hidden together lies between the fewest of the whole less the most of the parts shown, and the other way
    round. Where that leaves each hidden part any of 1 to 4, no more need be hidden; else the smallest part shown is
    hidden too, which may be any number, so that nothing follows. With no part shown, that there are so many says how
    large each is: then they have no rows.

    `by_cost` asks the same of amounts. What the whole may cost a year (`whole_least_gbp` to `whole_most_gbp`, null where
    nothing is shown of it) less the parts shown (`gbp`, to the nearest `step`; null where uncosted) is what the hidden
    cost together, and prices bound what each of a part's people does (`least_gbp` to `most_gbp`). The part that is hidden
    then is the smallest that, with three people fewer in it, leaves room for three more of the dearest hidden ones. -#}
{% macro hide_parts(cells, parent, order_by, by_cost=false) -%}
    {%- set own = 'over (partition by ' ~ parent ~ ')' -%}
    {%- set shown = 'people >= 5 and step is not null' -%}
    select
        told.*,
        people < 5
        or (
            tells
            and row_number() over (
                partition by {{ parent }}, case when people < 5 then 1 else 0 end
                order by room_is_missing, case when room_is_missing = 1 then -room_gbp else people end, {{ order_by }}
            ) = 1
        ) as is_suppressed
    from (
        select
            measured.*,
            n_small > 0
            and (
                coalesce(fewest_left > 4 * n_small - 3, false)
                or coalesce(most_left < 3 + n_small, false)
                {%- if by_cost %}
                or coalesce(most_left_gbp < needed_gbp, false)
                or coalesce(least_left_gbp > allowed_gbp, false)
                {%- endif %}
            ) as tells,
            {%- if by_cost %}
            case when room_gbp < needed_gbp - most_left_gbp then 1 else 0 end as room_is_missing
            {%- else %}
            0 as room_gbp,
            0 as room_is_missing
            {%- endif %}
        from (
            select
                bounded.*,
                sum(case when people < 5 then 1 else 0 end) {{ own }} as n_small,
                sum(case when people < 5 then 0 else 1 end) {{ own }} as n_shown,
                fewest_in_whole - sum(case when people < 5 then 0 else surely_most end) {{ own }} as fewest_left,
                most_in_whole - sum(case when people < 5 then 0 else surely_fewest end) {{ own }} as most_left
                {%- if by_cost %},
                whole_least_gbp - sum(case when {{ shown }} then most_cost else 0 end) {{ own }} as least_left_gbp,
                whole_most_gbp - sum(case when {{ shown }} then least_cost else 0 end) {{ own }} as most_left_gbp,
                sum(case when people < 5 then least_gbp else 0 end) {{ own }}
                + 3 * max(case when people < 5 then least_gbp else 0 end) {{ own }} as needed_gbp,
                4 * sum(case when people < 5 then most_gbp else 0 end) {{ own }}
                - 3 * max(case when people < 5 then most_gbp else 0 end) {{ own }} as allowed_gbp,
                coalesce(least_cost - (people - 3) * least_gbp, 0) as room_gbp
                {%- endif %}
            from (
                select
                    costed.*,
                    {%- if by_cost %}
                    greatest(fewest, coalesce(ceil(least_cost / nullif(most_gbp, 0)), 0)) as surely_fewest,
                    least(most, coalesce(floor(most_cost / nullif(least_gbp, 0)), 1000000000)) as surely_most
                    {%- else %}
                    fewest as surely_fewest,
                    most as surely_most
                    {%- endif %}
                from (
                    select
                        cells.*
                        {%- if by_cost %},
                        cast({{ shown_gbp('gbp', 'step') }} as double) - cast(step as double) / 2 as least_cost,
                        cast({{ shown_gbp('gbp', 'step') }} as double) + cast(step as double) / 2 as most_cost
                        {%- endif %}
                    from {{ cells }} as cells
                ) as costed
            ) as bounded
        ) as measured
    ) as told
    where not tells or n_shown > 0
{%- endmacro %}
