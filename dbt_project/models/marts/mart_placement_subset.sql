-- Those placed out of the area, and those the NHS pays a share of, by band.
with

bands as (

    select * from {{ ref('int_package_band') }}

),

wholes as (

    select * from {{ ref('int_package_group') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

weeks as (

    select number as weeks_per_year from {{ ref('parameter') }} where parameter = 'weeks_per_year'

),

cells as (

    {%- for subset, label in [('out_of_area', 'out of area'), ('nhs', 'NHS share')] %}
    select
        bands.snapshot_id, bands.client_group, bands.setting_group, '{{ label }}' as subset, bands.band_order, bands.band,
        bands.{{ subset }}_people as people,
        bands.{{ subset }}_weekly_gbp as weekly_gbp,
        bands.{{ subset }}_largest_weekly_gbp as largest_weekly_gbp,
        wholes.{{ subset }}_people as whole,
        weeks.weeks_per_year
    from bands
    inner join wholes
        on
            bands.snapshot_id = wholes.snapshot_id
            and bands.client_group = wholes.client_group
            and bands.setting_group = wholes.setting_group
    cross join weeks
    where bands.{{ subset }}_people > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

hidden as (

    select
        cells.*,
        {{ gbp_step('largest_weekly_gbp * weeks_per_year') }} as rounded_to_gbp,
        {{ is_hidden('snapshot_id, client_group, setting_group, subset', 'whole', 'band_order') }} as is_suppressed
    from cells

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    hidden.client_group,
    hidden.setting_group as setting,
    hidden.subset,
    hidden.band_order,
    hidden.band,
    case when not hidden.is_suppressed then {{ shown_people('hidden.people') }} end as people,
    case
        when not hidden.is_suppressed
            then {{ shown_gbp('hidden.weekly_gbp * hidden.weeks_per_year', 'hidden.rounded_to_gbp') }}
    end as annual_cost_gbp,
    case when not hidden.is_suppressed then hidden.rounded_to_gbp end as rounded_to_gbp,
    hidden.is_suppressed,
    snapshots.is_synthetic
from hidden
inner join snapshots on hidden.snapshot_id = snapshots.snapshot_id
