-- The bands of weekly price that hold for a snapshot: the user's own before those shipped, the council's before
-- everybody's, the newest that had begun.
with

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

own as (

    select * from {{ ref('stg_register__placement_bands') }}

),

bands as (

    select council_code, setting_group, from_date, band_order, band, low_gbp, high_gbp, 0 as is_own
    from {{ ref('placement_band') }}
    union all
    select
        council_code,
        setting_group,
        from_date,
        band_order,
        band,
        low_gbp,
        high_gbp,
        1 as is_own
    from own

),

ranked as (

    select
        snapshots.snapshot_id,
        bands.setting_group,
        bands.band_order,
        bands.band,
        bands.low_gbp,
        bands.high_gbp,
        bands.is_own = 1 as is_own,
        dense_rank() over (
            partition by snapshots.snapshot_id, bands.setting_group
            order by
                bands.is_own desc,
                case bands.council_code when '*' then 1 else 0 end,
                bands.from_date desc
        ) as rank_of_bands
    from snapshots
    inner join bands
        on bands.council_code in ('*', snapshots.council_code) and snapshots.snapshot_date >= bands.from_date

)

select snapshot_id, setting_group, band_order, band, low_gbp, high_gbp, is_own
from ranked
where rank_of_bands = 1
