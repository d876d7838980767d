-- How many residents a document used in its calculations where it prints no population: the range each of its figures
-- allows, the range all of them share, and what the ONS estimates.
with

claims as (

    select * from {{ ref('claim_population') }}

),

population as (

    select * from {{ ref('int_population') }} where is_current

),

implied as (

    select
        *,
        cast(amount - amount_half_step as double) / cast(rate + rate_half_step as double)
        * cast(per_residents as double) as low,
        cast(amount + amount_half_step as double) / cast(rate - rate_half_step as double)
        * cast(per_residents as double) as high
    from claims

),

shared as (

    select
        council_code,
        financial_year,
        age_band,
        max(low) as low,
        min(high) as high,
        count(*) as n_claims
    from implied
    group by council_code, financial_year, age_band

)

select
    implied.claim_id,
    implied.council_code,
    implied.financial_year,
    implied.age_band,
    {{ rounded('implied.low') }} as implied_low,
    {{ rounded('implied.high') }} as implied_high,
    {{ rounded('shared.low') }} as shared_low,
    {{ rounded('shared.high') }} as shared_high,
    cast(shared.n_claims as integer) as n_claims,
    cast(population.people as bigint) as ons_people,
    population.status as ons_status,
    population.{{ adapter.quote('precision') }} as ons_precision
from implied
inner join shared
    on
        implied.council_code = shared.council_code
        and implied.financial_year = shared.financial_year
        and implied.age_band = shared.age_band
left join population
    on
        implied.council_code = population.council_code
        and implied.financial_year = population.financial_year
        and implied.age_band = population.age_band
