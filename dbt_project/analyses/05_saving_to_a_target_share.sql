-- Question 5: What would reaching a target share of adult social care save, with total spend held and with it falling?
with

asked as (

    select
        '114' as council_code,
        '2007-08' as financial_year,
        'class' as peer_set

)

select
    savings.measure_id,
    savings.value,
    savings.target_value,
    savings.target_because,
    savings.denominator_rule,
    savings.saving_gbp,
    savings.saving_low_gbp,
    savings.saving_high_gbp,
    savings.formula
from marts.mart_saving as savings
inner join asked using (council_code, financial_year, peer_set)
where savings.target = 'given'
order by savings.measure_id, savings.denominator_rule
