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
