-- How far each figure that is not flagged is from England's median of its year, on a scale on which councils differ by
-- about the same factor: the logarithm, or of a percentage the logarithm of its odds. The year's own movement, a break
-- included, goes with the median.
with

standing as (

    select *
    from {{ ref('cmp_standing') }}
    where peer_set = 'england' and basis = 'excluding_flagged' and value > 0 and (unit <> 'per cent' or value < 100)

),

logged as (

    select
        figure_key,
        council_code,
        financial_year,
        first_year,
        measure_id,
        definition_version,
        case when unit = 'per cent' then 'logit' else 'log' end as scale,
        ln(cast(value as double) / case when unit = 'per cent' then 100 - cast(value as double) else 1 end) as logged
    from standing

),

medians as (

    select
        measure_id,
        definition_version,
        first_year,
        count(*) as n_england,
        {{ median('logged') }} as year_median
    from logged
    group by measure_id, definition_version, first_year

)

select
    logged.figure_key,
    logged.council_code,
    logged.financial_year,
    logged.first_year,
    logged.measure_id,
    logged.definition_version,
    logged.scale,
    medians.n_england,
    cast(medians.year_median as double) as year_median,
    logged.logged - cast(medians.year_median as double) as deviation
from logged
inner join medians
    on
        logged.measure_id = medians.measure_id
        and logged.definition_version = medians.definition_version
        and logged.first_year = medians.first_year
