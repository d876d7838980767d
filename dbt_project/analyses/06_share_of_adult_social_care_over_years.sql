-- Question 6: What share of all adult social care spend is learning disability, year by year?
-- All spend by council is in the files from 2007-08 on, gross and net current; 2008-09 to 2013-14 in RO3 only.
with

asked as (

    select
        '114' as council_code

)

select
    trends.financial_year,
    trends.measure_id,
    trends.definition_version,
    trends.value_cash as per_cent,
    trends.break_before,
    trends.gap_before,
    trends.verdict
from marts.mart_trend as trends
inner join asked using (council_code)
where trends.measure_id like 'learning_disability_%_share_of_adult_social_care'
order by trends.measure_id, trends.financial_year
