-- Savings of a council that may be added up, added up. Each total holds savings that do not overlap; two totals of one
-- council do, and are never added.
with

savings as (

    select * from {{ ref('mart_saving') }} where total_key is not null and is_offered and denominator_rule = 'held'

)

select
    council_code,
    max(council) as council,
    financial_year,
    peer_set,
    target,
    total_key,
    cast(count(*) as integer) as n_savings,
    cast(sum(case when saving_gbp > 0 then 1 else 0 end) as integer) as n_above_target,
    cast(sum(saving_gbp) as {{ type_decimal() }}) as saving_gbp,
    cast(sum(saving_low_gbp) as {{ type_decimal() }}) as saving_low_gbp,
    cast(sum(saving_high_gbp) as {{ type_decimal() }}) as saving_high_gbp
from savings
group by council_code, financial_year, peer_set, target, total_key
