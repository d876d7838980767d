-- Question 25: How many packages cost little or have no price, and how much depends on the price assumed?
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
where opportunities.opportunity in ('low_cost', 'low_cost_with_uncosted')
order by opportunities.opportunity, opportunities.assumption
