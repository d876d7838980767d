-- People placed out of the area, and people whose cost the NHS shares, by band. A whole is shown only for residents
-- placed out of the area (an opportunity of mart_local_opportunity); where that is suppressed, its bands have no rows.
with

bands as (

    select * from {{ ref('int_package_band') }}

),

shown_bands as (

    select * from {{ ref('mart_placement_band') }}

),

thresholds as (

    select * from {{ ref('int_placement_threshold') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

cells as (

    {%- for subset, label in [('out_of_area', 'out of area'), ('nhs', 'NHS share')] %}
    select
        bands.snapshot_id,
        bands.client_group,
        bands.setting_group,
        '{{ label }}' as subset,
        bands.band_order,
        bands.band,
        bands.{{ subset }}_people as people,
        cast(bands.{{ subset }}_weekly_gbp as double) * thresholds.weeks_per_year as gbp,
        {{ gbp_step('bands.' ~ subset ~ '_largest_weekly_gbp * thresholds.weeks_per_year') }} as step,
        cast(coalesce(bands.low_gbp, 0) as double) * thresholds.weeks_per_year as least_gbp,
        cast(bands.high_gbp as double) * thresholds.weeks_per_year as ends_gbp,
        {% if subset == 'out_of_area' -%}
        bands.setting_group = 'Residential and nursing' as has_whole,
        {%- else -%}
        false as has_whole,
        {%- endif %}
        -- A part must not show the least that a suppressed band can be. High-cost residents without an NHS share are
        -- shown as an opportunity: where they are few, those with a share are suppressed too.
        shown_bands.is_suppressed
        {%- if subset == 'nhs' %}
        or (
            bands.setting_group = 'Residential and nursing'
            and bands.low_gbp is not null
            and coalesce(bands.high_gbp, 1000000000) > thresholds.high_cost_from
            and bands.people - bands.nhs_people between 1 and 4
        )
        {%- endif %} as is_forced
    from bands
    inner join shown_bands
        on
            bands.snapshot_id = shown_bands.snapshot_id
            and bands.client_group = shown_bands.client_group
            and bands.setting_group = shown_bands.setting
            and bands.band_order = shown_bands.band_order
    inner join thresholds
        on bands.snapshot_id = thresholds.snapshot_id and bands.client_group = thresholds.client_group
    where bands.{{ subset }}_people > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

sums as (

    select
        snapshot_id,
        client_group,
        setting_group,
        subset,
        sum(people) as people,
        sum(gbp) as gbp,
        max(step) as step,
        -- If a band of 5 people or more is suppressed, so is the whole, which then discloses nothing of the other
        -- bands.
        max(case when is_forced and people >= 5 then 1 else 0 end) = 0 as is_shown
    from cells
    group by snapshot_id, client_group, setting_group, subset

),

bounded as (

    select
        cells.*,
        {{ fewest_people('cells.people') }} as fewest,
        {{ most_people('cells.people') }} as most,
        case when cells.has_whole and sums.is_shown then {{ fewest_people('sums.people') }} end as fewest_in_whole,
        case when cells.has_whole and sums.is_shown then {{ most_people('sums.people') }} end as most_in_whole,
        case
            when cells.has_whole and sums.is_shown
                then cast({{ shown_gbp('sums.gbp', 'sums.step') }} - sums.step / 2 as double)
        end as whole_least_gbp,
        case
            when cells.has_whole and sums.is_shown
                then cast({{ shown_gbp('sums.gbp', 'sums.step') }} + sums.step / 2 as double)
        end as whole_most_gbp,
        case
            when cells.step is null then 0
            else least(coalesce(cells.ends_gbp, 1000000000), cast(sums.step as double))
        end as most_gbp,
        cast(sums.step as double) as dearest_gbp,
        cast(null as integer) as fewest_priced,
        cast(null as integer) as most_priced
    from cells
    inner join sums
        on
            cells.snapshot_id = sums.snapshot_id
            and cells.client_group = sums.client_group
            and cells.setting_group = sums.setting_group
            and cells.subset = sums.subset
    where not cells.has_whole or sums.people >= 5

),

hidden as (

    {{ hide_parts('bounded', 'snapshot_id, client_group, setting_group, subset', 'band_order', by_cost=true) }}

),

marked as (

    select hidden.*, hidden.is_forced or hidden.is_suppressed as is_hidden from hidden

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    marked.client_group,
    marked.setting_group as setting,
    marked.subset,
    marked.band_order,
    marked.band,
    case when not marked.is_hidden then {{ shown_people('marked.people') }} end as people,
    case when not marked.is_hidden then {{ shown_gbp('marked.gbp', 'marked.step') }} end as annual_cost_gbp,
    case when not marked.is_hidden then marked.step end as rounded_to_gbp,
    marked.is_hidden as is_suppressed,
    snapshots.is_synthetic
from marked
inner join snapshots on marked.snapshot_id = snapshots.snapshot_id
