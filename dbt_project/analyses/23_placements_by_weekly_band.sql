-- Question 23: How many people are supported at each weekly price?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    bands.setting,
    bands.band,
    bands.people,
    bands.annual_cost_gbp,
    bands.is_suppressed,
    bands.is_synthetic
from marts.mart_placement_band as bands
inner join asked using (council_code, snapshot_date, client_group)
order by bands.setting desc, bands.band_order
