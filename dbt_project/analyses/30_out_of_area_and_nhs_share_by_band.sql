-- Question 30: How many people are placed out of area or part-funded by the NHS, at which weekly price?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    subsets.subset,
    subsets.setting,
    subsets.band,
    subsets.people,
    subsets.annual_cost_gbp,
    subsets.is_suppressed,
    subsets.is_synthetic
from marts.mart_placement_subset as subsets
inner join asked using (council_code, snapshot_date, client_group)
order by subsets.subset, subsets.setting, subsets.band_order
