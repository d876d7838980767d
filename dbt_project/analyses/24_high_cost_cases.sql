-- Question 24: What do the most expensive placements cost, and what would a reduction of 10% or 20% save?
with

asked as (

    select
        '114' as council_code,
        date '2010-02-28' as snapshot_date,
        'Learning disability' as client_group

)

select
    opportunities.label,
    opportunities.threshold,
    opportunities.people,
    opportunities.annual_cost_gbp,
    opportunities.assumption,
    opportunities.saving_gbp,
    opportunities.formula,
    opportunities.is_synthetic
from marts.mart_local_opportunity as opportunities
inner join asked using (council_code, snapshot_date, client_group)
where opportunities.opportunity in ('high_cost', 'high_cost_community', 'nhs_share')
order by opportunities.opportunity, opportunities.assumption
