-- Question 27: How many people are new to support, at which age and in which setting?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    entrants.financial_year,
    entrants.setting,
    entrants.age_band,
    entrants.people,
    entrants.is_suppressed,
    entrants.is_synthetic
from marts.mart_new_entrant as entrants
inner join asked using (council_code, snapshot_date, client_group)
order by entrants.financial_year, entrants.setting, entrants.age_band
