-- Question 26: What do transport and night cover cost, and what could technology and travel training save?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    opportunities.label,
    opportunities.people,
    opportunities.annual_cost_gbp,
    opportunities.assumption,
    opportunities.saving_gbp,
    opportunities.formula,
    opportunities.is_synthetic
from marts.mart_local_opportunity as opportunities
inner join asked using (council_code, snapshot_date, client_group)
where opportunities.opportunity in ('transport', 'sleep_in', 'waking_night', 'assistive_technology')
order by opportunities.opportunity, opportunities.assumption
