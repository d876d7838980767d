-- The cells that a council has decided to publish (register publish_local), exactly, with the sum of the record keys of
-- the people in each: publishing adds noise that follows that sum (orchestration/open_figures.py). Snapshots with bands
-- or thresholds of the council's own have no such cells: the same price limits for everyone leave no gap between two.
with

decided as (

    select * from {{ ref('stg_register__publish_local') }}

),

snapshots as (

    select
        snapshots.snapshot_id,
        snapshots.snapshot_date,
        decided.cell_kind
    from {{ ref('int_snapshot') }} as snapshots
    inner join decided
        on snapshots.council_code = decided.council_code and snapshots.snapshot_date >= decided.from_date

),

lines as (

    select * from {{ ref('int_placement_line') }} where rejected_by is null and is_current

),

packages as (

    select * from {{ ref('int_package') }}

),

bands as (

    select * from {{ ref('int_snapshot_band') }} where not is_own

),

thresholds as (

    {{ opportunity_thresholds() }}
    where not thresholds.has_own

),

judged as (

    {{ packages_with_thresholds('packages', 'thresholds') }}

),

members as (

    select
        snapshot_id, client_group, 'setting' as cell_kind, setting_group, 'All settings' as cell, person_key, weekly_gbp
    from packages
    union all
    select
        snapshot_id,
        client_group,
        'setting' as cell_kind,
        setting_group,
        setting_label as cell,
        person_key,
        case when is_costed then gross_weekly_gbp end as weekly_gbp
    from lines
    union all
    select
        packages.snapshot_id,
        packages.client_group,
        'band' as cell_kind,
        packages.setting_group,
        cast(bands.band_order as {{ dbt.type_string() }}) as cell,
        packages.person_key,
        packages.weekly_gbp
    from packages
    inner join bands
        on
            packages.snapshot_id = bands.snapshot_id
            and packages.setting_group = bands.setting_group
            and (
                (packages.weekly_gbp is null and bands.low_gbp is null)
                or (packages.weekly_gbp >= bands.low_gbp and packages.weekly_gbp < coalesce(bands.high_gbp, 1000000000))
            )
    {%- for name, (condition, money) in opportunity_cases().items() %}
    union all
    select
        snapshot_id,
        client_group,
        'opportunity' as cell_kind,
        'any' as setting_group,
        '{{ name }}' as cell,
        person_key,
        cast({{ money }} as {{ type_decimal() }}) as weekly_gbp
    from judged
    where {{ condition }}
    {%- endfor %}

),

people as (

    select
        members.snapshot_id,
        members.client_group,
        members.cell_kind,
        members.setting_group,
        members.cell,
        members.person_key,
        sum(members.weekly_gbp) as weekly_gbp
    from members
    inner join snapshots on members.snapshot_id = snapshots.snapshot_id and members.cell_kind = snapshots.cell_kind
    group by
        members.snapshot_id, members.client_group, members.cell_kind, members.setting_group, members.cell,
        members.person_key

)

select
    snapshot_id,
    client_group,
    cell_kind,
    setting_group,
    cell,
    cast(count(*) as integer) as people,
    cast(count(weekly_gbp) as integer) as priced_people,
    cast(sum(weekly_gbp) as {{ type_decimal() }}) as weekly_gbp,
    cast(max(weekly_gbp) as {{ type_decimal() }}) as largest_weekly_gbp,
    cast(sum({{ record_key('person_key') }}) as bigint) as cell_key,
    cast(sum(case when weekly_gbp is not null then {{ record_key('person_key') }} end) as bigint) as priced_key
from people
group by snapshot_id, client_group, cell_kind, setting_group, cell
