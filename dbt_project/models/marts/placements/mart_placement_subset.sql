-- People placed out of the area, and people whose cost the NHS shares, by band.
with

bands as (

    select * from {{ ref('int_package_band') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

),

cells as (

    {%- for subset, label in [('out_of_area', 'out of area'), ('nhs', 'NHS share')] %}
    select
        snapshot_id,
        client_group,
        setting_group,
        '{{ label }}' as subset,
        band_order,
        band,
        {{ subset }}_people as people,
        {{ subset }}_weekly_gbp as weekly_gbp
    from bands
    where {{ subset }}_people > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    cells.client_group,
    cells.setting_group as setting,
    cells.subset,
    cells.band_order,
    cells.band,
    cells.people,
    cast(cells.weekly_gbp * weeks.weeks_per_year as {{ type_decimal() }}) as annual_cost_gbp,
    cast(null as {{ type_decimal() }}) as rounded_to_gbp,
    false as is_suppressed,
    snapshots.is_synthetic
from cells
inner join snapshots on cells.snapshot_id = snapshots.snapshot_id
cross join weeks
