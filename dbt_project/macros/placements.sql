{#- Placement tables hold millions of rows and grow by a snapshot at a time: what is built is kept, and snapshots that
    were replaced or dropped are deleted. `dbt build --full-refresh` (used when the project changed) builds
    them again. -#}
{% macro forget_old_snapshots(id='snapshot_id') -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ id }} not in (select snapshot_id from {{ ref('int_snapshot') }})
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

{#- The fewest and the most people that a shown count may represent; null where none is shown. -#}
{% macro fewest_people(people) -%}
    (case when {{ people }} >= 5 then greatest({{ shown_people(people) }} - 2, 5) end)
{%- endmacro %}

{% macro most_people(people) -%}
    ({{ shown_people(people) }} + 2)
{%- endmacro %}

{#- What sums of money are rounded to: the largest amount of one person in them, up to the next of 1, 2, 3, 5, 7 and 10
    (5,564 to 7,000), so that no difference of two sums shows what one person costs. Steps so far apart say little of the
    largest amount itself. -#}
{% macro gbp_step(largest) -%}
    {%- set power = 'power(10, floor(log10(cast(' ~ largest ~ ' as double))))' -%}
    cast(
        case
            when {{ largest }} > 0
                then {{ power }} * case
                    {%- for step in [1, 2, 3, 5, 7] %}
                    when cast({{ largest }} as double) <= {{ step }} * {{ power }} then {{ step }}
                    {%- endfor %}
                    else 10
                end
        end as {{ type_decimal() }}
    )
{%- endmacro %}

{% macro shown_gbp(amount, step) -%}
    cast(round(cast({{ amount }} as double) / cast({{ step }} as double)) * cast({{ step }} as double) as {{ type_decimal() }})
{%- endmacro %}

{#- How many people a kind of setting at a snapshot may have, and what they may cost a year, by all that is shown of them:
    the whole, its settings, bands, providers and judged tiers, each of which is rounded by itself. -#}
{% macro whole_bounds() -%}
    {%- set gbp = 'cast(weekly_gbp as double) * weeks_per_year' -%}
    {%- set step = gbp_step('largest_weekly_gbp * weeks_per_year') -%}
    select
        snapshot_id,
        client_group,
        setting_group,
        max(fewest) as fewest,
        min(most) as most,
        max(least_gbp) as least_gbp,
        min(most_gbp) as most_gbp
    from (
        -- People of two community settings or providers count in both; those whose risk was not judged are in no tier.
        select
            snapshot_id,
            client_group,
            setting_group,
            sum(case when counts_twice then 0 when people < 5 then 1 else {{ fewest_people('people') }} end) as fewest,
            sum(case when leaves_out or people < 5 then 1000000000 else {{ most_people('people') }} end) as most,
            sum(case when people < 5 then 0 else coalesce(cast(gbp - step / 2 as double), 0) end) as least_gbp,
            sum(
                case
                    when counted_by = 'tier' or people < 5 then 1000000000000
                    else coalesce(cast(gbp + step / 2 as double), 0)
                end
            ) as most_gbp
        from (
            select
                snapshot_id,
                client_group,
                setting_group,
                counted_by,
                counts_twice,
                false as leaves_out,
                people,
                {{ shown_gbp(gbp, step) }} as gbp,
                {{ step }} as step
            from (
                {%- for name, model, counts_twice in [
                    ('whole', 'int_package_group', 'false'),
                    ('setting', 'int_placement_setting', "setting_group = 'Community'"),
                    ('band', 'int_package_band', 'false'),
                ] %}
                select
                    snapshot_id,
                    client_group,
                    setting_group,
                    '{{ name }}' as counted_by,
                    {{ counts_twice }} as counts_twice,
                    people,
                    weekly_gbp,
                    largest_weekly_gbp
                from {{ ref(model) }}
                {{ 'union all' if not loop.last }}
                {%- endfor %}
            ) as parts
            cross join (
                select number as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'
            ) as weeks
            union all
            select
                snapshot_id,
                client_group,
                setting as setting_group,
                'provider' as counted_by,
                true as counts_twice,
                false as leaves_out,
                coalesce(people, 0) as people,
                annual_cost_gbp as gbp,
                rounded_to_gbp as step
            from {{ ref('mart_placement_provider') }}
            union all
            select
                tiers.snapshot_id,
                tiers.client_group,
                wholes.setting_group,
                'tier' as counted_by,
                false as counts_twice,
                wholes.people > sum(tiers.people) over (partition by tiers.snapshot_id, tiers.client_group) as leaves_out,
                tiers.people,
                null as gbp,
                null as step
            from {{ ref('int_move_risk') }} as tiers
            inner join {{ ref('int_package_group') }} as wholes
                on
                    tiers.snapshot_id = wholes.snapshot_id
                    and tiers.client_group = wholes.client_group
                    and wholes.setting_group = 'Residential and nursing'
            where tiers.is_judged and tiers.people > 0
        ) as stepped
        group by snapshot_id, client_group, setting_group, counted_by
    ) as ways
    group by snapshot_id, client_group, setting_group
{%- endmacro %}

{#- The rows of `cells` with is_suppressed: hidden are fewer than 5 people, and the least of those that could be shown
    where what is shown would give a hidden one back. Every row is a part of `parent` (columns). `fewest` and `most` are
    what the part's shown count may represent, `fewest_in_whole` and `most_in_whole` the same of the whole: null where
    it bounds the parts on no such side.

    What is hidden together is between the fewest of the whole less the most of the parts shown, and the other way
    round. Where that leaves each hidden part any of 1 to 4, no more need be hidden; else the smallest part shown is
    hidden too, which may be any number, so that nothing follows. With no part shown, that there are so many says how
    large each is: then they have no rows.

    `by_cost` asks the same of amounts. What the whole may cost a year (`whole_least_gbp` to `whole_most_gbp`, null where
    nothing is shown of it) less the parts shown (`gbp`, to the nearest `step`; null where uncosted) is what the hidden
    cost together, and must leave more open than the dearest person costs (`dearest_gbp`). Prices bound what each of a
    part's people costs (`least_gbp` to `most_gbp`), and so how many they are: 2, 3 and 4 must be possible. Hidden then is
    the smallest part that, with three people fewer in it, leaves room for three more of the dearest hidden ones. And of
    the costed parts together `fewest_priced` and `most_priced` are known, or null. -#}
{% macro hide_parts(cells, parent, order_by, by_cost=false) -%}
    {%- set own = 'over (partition by ' ~ parent ~ ')' -%}
    select
        tested.*,
        people < 5
        or (
            (count_tells or cost_tells)
            and row_number() over (
                partition by {{ parent }}, case when people < 5 then 1 else 0 end
                order by lacks_room, case when lacks_room = 1 then -room_gbp else people end, {{ order_by }}
            ) = 1
        ) as is_suppressed
    from (
        select
            measured.*,
            n_small > 0
            and (coalesce(fewest_left > 4 * n_small - 3, false) or coalesce(most_left < 3 + n_small, false)) as count_tells,
            {%- if by_cost %}
            n_small > 0
            and (
                coalesce(most_left_gbp < needed_gbp, false)
                or coalesce(least_left_gbp > allowed_gbp, false)
                or coalesce(most_left_gbp - least_left_gbp < dearest_gbp, false)
                or (n_small_priced > 0 and coalesce(fewest_priced_left > 4 * n_small_priced - 3, false))
                or (n_small_priced > 0 and coalesce(most_priced_left < 3 + n_small_priced, false))
            ) as cost_tells,
            case when step is null or room_gbp < needed_gbp - most_left_gbp then 1 else 0 end as lacks_room
            {%- else %}
            false as cost_tells,
            0 as n_shown_priced,
            0 as room_gbp,
            0 as lacks_room
            {%- endif %}
        from (
            select
                bounded.*,
                sum(case when people < 5 then 1 else 0 end) {{ own }} as n_small,
                sum(case when people < 5 then 0 else 1 end) {{ own }} as n_shown,
                fewest_in_whole - sum(case when people < 5 then 0 else surely_most end) {{ own }} as fewest_left,
                most_in_whole - sum(case when people < 5 then 0 else surely_fewest end) {{ own }} as most_left
                {%- if by_cost %},
                whole_least_gbp - sum(case when people < 5 then 0 else most_cost end) {{ own }} as least_left_gbp,
                whole_most_gbp - sum(case when people < 5 then 0 else least_cost end) {{ own }} as most_left_gbp,
                sum(case when people < 5 then least_gbp else 0 end) {{ own }}
                + 3 * max(case when people < 5 then least_gbp else 0 end) {{ own }} as needed_gbp,
                4 * sum(case when people < 5 then most_gbp else 0 end) {{ own }}
                - 2 * max(case when people < 5 then most_gbp else 0 end) {{ own }} as allowed_gbp,
                sum(case when people < 5 and step is not null then 1 else 0 end) {{ own }} as n_small_priced,
                sum(case when people < 5 or step is null then 0 else 1 end) {{ own }} as n_shown_priced,
                fewest_priced - sum(case when people < 5 or step is null then 0 else surely_most end) {{ own }}
                    as fewest_priced_left,
                most_priced - sum(case when people < 5 or step is null then 0 else surely_fewest end) {{ own }}
                    as most_priced_left,
                case when step is null then -1000000000 else least_cost - (people - 3) * least_gbp end as room_gbp
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
                        coalesce(cast({{ shown_gbp('gbp', 'step') }} - step / 2 as double), 0) as least_cost,
                        coalesce(cast({{ shown_gbp('gbp', 'step') }} + step / 2 as double), 0) as most_cost
                        {%- endif %}
                    from {{ cells }} as cells
                ) as costed
            ) as bounded
        ) as measured
    ) as tested
    where (n_shown > 0 or not count_tells) and (n_shown_priced > 0 or not cost_tells)
{%- endmacro %}

{#- A hash of the user's settings that a snapshot was counted with (bands, or thresholds). -#}
{% macro held_by_snapshot(relation, kind) -%}
    {%- set columns = {
        'band': ['setting_group', 'band_order', 'band', 'low_gbp', 'high_gbp'],
        'threshold': ['client_group', 'high_cost_from', 'low_cost_below', 'uncosted_weekly', 'step_down_from',
                      'step_down_below', 'interim_weeks', 'review_months', 'older_from_age'],
    }[kind] -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    select snapshot_id, md5({{ joined_list("concat(" ~ texts | join(", '|', ") ~ ")") }}) as held_md5
    from {{ relation }}
    group by snapshot_id
{%- endmacro %}

{#- Deletes snapshots that were counted with other settings than those that apply now, so that they are counted
    again. -#}
{% macro forget_changed_snapshots(relation, kind) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where concat(snapshot_id, held_md5) not in (
            select concat(snapshot_id, held_md5) from ({{ held_by_snapshot(relation, kind) }}) as held
        )
    {%- endif -%}
{%- endmacro %}
