-- What is known of the need of a council's residents in a year: how many of its adults are 65 and over, deprivation,
-- how many adults there are, and whether it is in London. Nothing that the council decides itself.
with

adults as (

    select
        council_code,
        financial_year,
        sum(case when age_band = '18 and over' then people end) as adults,
        sum(case when age_band = '65 and over' then people end) as older_people
    from {{ ref('dim_population') }}
    where is_current and is_area_of_year and age_band in ('18 and over', '65 and over')
    group by council_code, financial_year

),

-- Of councils with districts the index of 2025 has the districts alone: none of them is the council.
scores as (

    select council_code, index_year, max(value) as score
    from {{ ref('dim_deprivation') }}
    where domain = 'IMD' and statistic = 'Average score' and area_kind = 'council' and council_code is not null
    group by council_code, index_year

),

-- The index nearest to the year, of two equally near the earlier one.
nearest as (

    select
        adults.council_code,
        adults.financial_year,
        scores.score,
        row_number() over (
            partition by adults.council_code, adults.financial_year
            order by
                abs(scores.index_year - cast(substr(adults.financial_year, 1, 4) as integer)), scores.index_year
        ) as place
    from adults
    inner join scores on adults.council_code = scores.council_code

),

classes as (

    select council_code, max(case when class like '%London' then 1 else 0 end) as is_london
    from {{ ref('dim_council') }}
    group by council_code

)

select
    adults.council_code,
    adults.financial_year,
    100 * cast(adults.older_people as double) / cast(adults.adults as double) as older_pct,
    cast(nearest.score as double) as deprivation,
    ln(cast(adults.adults as double)) as size,
    cast(classes.is_london as double) as london
from adults
inner join nearest
    on
        adults.council_code = nearest.council_code
        and adults.financial_year = nearest.financial_year
        and nearest.place = 1
inner join classes on adults.council_code = classes.council_code
where adults.adults > 0 and adults.older_people > 0
