-- noqa: disable=LT02,LT05
-- depends_on: {{ ref('int_snapshot') }}
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_old_snapshots() }}{{ ';' if is_incremental() }}{{ forget_changed_snapshots(ref('int_snapshot_band'), 'band') }}"
) }}
-- The people of each band of weekly price at a snapshot and what they cost, exactly; out of area and with an NHS share
-- among them.
with

packages as (

    select * from {{ ref('int_package') }} where {{ is_new_snapshot() }}

),

-- If bands change, a snapshot is counted again.
held as (

    {{ held_by_snapshot(ref('int_snapshot_band'), 'band') }}

),

bands as (

    select bands.*, held.held_md5
    from {{ ref('int_snapshot_band') }} as bands
    inner join held on bands.snapshot_id = held.snapshot_id

)

select
    packages.snapshot_id,
    packages.client_group,
    packages.setting_group,
    bands.band_order,
    bands.band,
    bands.low_gbp,
    bands.high_gbp,
    cast(count(*) as integer) as people,
    cast(coalesce(sum(packages.weekly_gbp), 0) as {{ type_decimal() }}) as weekly_gbp,
    {%- for subset, condition in [('out_of_area', 'packages.is_out_of_area = 1'), ('nhs', 'packages.has_nhs_share = 1')] %}
    cast(sum(case when {{ condition }} then 1 else 0 end) as integer) as {{ subset }}_people,
    cast(sum(case when {{ condition }} then packages.weekly_gbp end) as {{ type_decimal() }})
        as {{ subset }}_weekly_gbp,
    {%- endfor %}
    bands.held_md5
from packages
inner join bands
    on
        packages.snapshot_id = bands.snapshot_id
        and packages.setting_group = bands.setting_group
        and (
            (packages.weekly_gbp is null and bands.low_gbp is null)
            or (packages.weekly_gbp >= bands.low_gbp and packages.weekly_gbp < coalesce(bands.high_gbp, 1000000000))
        )
group by
    packages.snapshot_id, packages.client_group, packages.setting_group, bands.band_order, bands.band, bands.low_gbp,
    bands.high_gbp, bands.held_md5
