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

{#- What each opportunity asks of a package, and which of its amounts counts. -#}
{% macro opportunity_cases() -%}
    {{ return({
    'high_cost': ("setting_group = 'Residential and nursing' and weekly_gbp >= high_cost_from", 'weekly_gbp'),
    'high_cost_community': ("setting_group = 'Community' and weekly_gbp >= high_cost_from", 'weekly_gbp'),
    'low_cost': ("setting_group = 'Community' and weekly_gbp < low_cost_below", 'weekly_gbp'),
    'low_cost_with_uncosted': (
        "setting_group = 'Community' and (weekly_gbp < low_cost_below or weekly_gbp is null)",
        'coalesce(weekly_gbp, uncosted_weekly)'
    ),
    'step_down': (
        "setting_group = 'Residential and nursing' and weekly_gbp >= step_down_from and weekly_gbp < step_down_below",
        'weekly_gbp'
    ),
    'sleep_in': ('has_sleep_in = 1', 'sleep_in_weekly_gbp'),
    'waking_night': ('has_waking_night = 1', 'waking_night_weekly_gbp'),
    'transport': ('journeys_weekly > 0', 'transport_weekly_gbp'),
    'assistive_technology': (
        'has_assistive_technology = 0 and (has_sleep_in = 1 or has_waking_night = 1)',
        'coalesce(sleep_in_weekly_gbp, 0) + coalesce(waking_night_weekly_gbp, 0)'
    ),
    'nhs_share': (
        "setting_group = 'Residential and nursing' and weekly_gbp >= high_cost_from"
        ~ " and has_nhs_share = 0",
        'weekly_gbp'
    ),
    'older_in_specialist': (
        "setting_group = 'Residential and nursing' and client_group <> 'Older people' and age >= older_from_age",
        'weekly_gbp'
    ),
    'out_of_area': ("setting_group = 'Residential and nursing' and is_out_of_area = 1", 'weekly_gbp'),
    'interim_drift': ('interim_since < interim_before', 'weekly_gbp'),
    'overdue_review': ('coalesce(last_review_date, start_date) < review_due', 'weekly_gbp'),
}) }}
{%- endmacro %}

{#- The thresholds of snapshots with the days they lead to: interim placements from before, reviews due since. -#}
{% macro opportunity_thresholds() -%}
    select
        thresholds.*,
        cast({{ dbt.dateadd('day', 'cast(-7 * thresholds.interim_weeks as integer)', 'snapshots.snapshot_date') }} as date)
            as interim_before,
        cast({{ dbt.dateadd('month', 'cast(-thresholds.review_months as integer)', 'snapshots.snapshot_date') }} as date)
            as review_due
    from {{ ref('int_placement_threshold') }} as thresholds
    inner join {{ ref('int_snapshot') }} as snapshots on thresholds.snapshot_id = snapshots.snapshot_id

{%- endmacro %}

{#- Packages with the limits that decide which opportunities they belong to. -#}
{% macro packages_with_thresholds(packages, thresholds) -%}
    select
        packages.*,
        thresholds.high_cost_from,
        thresholds.low_cost_below,
        thresholds.uncosted_weekly,
        thresholds.step_down_from,
        thresholds.step_down_below,
        thresholds.older_from_age,
        thresholds.interim_before,
        thresholds.review_due
    from {{ packages }} as packages
    inner join {{ thresholds }} as thresholds
        on packages.snapshot_id = thresholds.snapshot_id and packages.client_group = thresholds.client_group

{%- endmacro %}

{#- A person's record key: a number of 32 bits from the keyed hash that stands for the reference. -#}
{% macro record_key(person_key) -%}
    {{ return(adapter.dispatch('record_key', 'carequartile')(person_key)) }}
{%- endmacro %}

{% macro default__record_key(person_key) -%}
    cast(concat('0x', substr({{ person_key }}, 1, 8)) as bigint)
{%- endmacro %}

{% macro spark__record_key(person_key) -%}
    cast(conv(substr({{ person_key }}, 1, 8), 16, 10) as bigint)
{%- endmacro %}

{#- Pounds in the words of a reason, to the penny. -#}
{% macro gbp_text(column) -%}
    concat('GBP ', cast(cast({{ column }} as decimal(28, 2)) as {{ dbt.type_string() }}))
{%- endmacro %}
