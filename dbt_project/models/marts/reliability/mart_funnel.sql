-- Funnel limits of people per resident (Spiegelhalter 2005): how far a rate may be from England's by the chance of
-- counting and by what councils differ anyway (overdispersion, additive, from winsorised z-scores). Never of pounds.
with

derived as (

    select *
    from {{ ref('fct_derived_figure') }}
    where derivation in ('people_per_1000', 'people_counted_per_1000')

),

printed as (

    select *
    from {{ ref('fct_figure') }}
    where is_current and unit = 'people per 100,000 residents' and measure_id like 'ascof_admissions%'

),

measures as (

    select measure_id, definition_version, age_band from {{ ref('dim_measure') }}

),

population as (

    select council_code, financial_year, age_band, people
    from {{ ref('dim_population') }}
    where is_current and is_area_of_year

),

-- The outcomes framework prints the rate alone: people are the rate times the residents.
figures as (

    select
        figure_id,
        council_code,
        council,
        financial_year,
        measure_id,
        definition_version,
        unit,
        verdict,
        1000 as per,
        cast(ruled_value as double) as rate,
        cast(ruled_denominator as double) as residents
    from derived
    where ruled_value is not null and ruled_denominator > 0
    union all
    select
        printed.figure_id,
        printed.council_code,
        printed.council,
        printed.financial_year,
        printed.measure_id,
        printed.definition_version,
        printed.unit,
        printed.verdict,
        100000 as per,
        cast(printed.ruled_value as double) as rate,
        cast(population.people as double) as residents
    from printed
    inner join measures
        on
            printed.measure_id = measures.measure_id
            and printed.definition_version = measures.definition_version
    inner join population
        on
            printed.council_code = population.council_code
            and printed.financial_year = population.financial_year
            and measures.age_band = population.age_band
    where printed.ruled_value is not null and population.people > 0

),

scored as (

    select
        *,
        count(*) over series as n,
        sum(rate / per * residents) over series / sum(residents) over series as target
    from figures
    window series as (partition by measure_id, definition_version, financial_year)

),

-- With fewer than thirty councils their spread is not known.
chances as (

    select
        *,
        target / residents as chance_variance,
        (rate / per - target) / sqrt(target / residents) as z
    from scored
    where n >= 30 and target > 0

),

tails as (

    select
        measure_id,
        definition_version,
        financial_year,
        {{ percentile('z', 0.1) }} as low_z,
        {{ percentile('z', 0.9) }} as high_z
    from chances
    group by measure_id, definition_version, financial_year

),

winsorised as (

    select
        chances.*,
        case
            when chances.z < cast(tails.low_z as double) then cast(tails.low_z as double)
            when chances.z > cast(tails.high_z as double) then cast(tails.high_z as double)
            else chances.z
        end as winsorised_z
    from chances
    inner join tails
        on
            chances.measure_id = tails.measure_id
            and chances.definition_version = tails.definition_version
            and chances.financial_year = tails.financial_year

),

-- With a tenth pulled in at each end a normal deviate has a mean square of 0.678655, against which it is held.
dispersions as (

    select
        measure_id,
        definition_version,
        financial_year,
        avg(winsorised_z * winsorised_z) / 0.678655 as dispersion,
        sum(winsorised_z * winsorised_z) / 0.678655 - (count(*) - 1) as excess,
        sum(1 / chance_variance) - sum(1 / (chance_variance * chance_variance)) / sum(1 / chance_variance) as weight
    from winsorised
    group by measure_id, definition_version, financial_year

),

limits as (

    select
        winsorised.*,
        dispersions.dispersion,
        sqrt(
            winsorised.chance_variance
            + case when dispersions.excess > 0 then dispersions.excess / dispersions.weight else 0 end
        ) as deviation,
        case when dispersions.excess > 0 then sqrt(dispersions.excess / dispersions.weight) else 0 end as between_sd
    from winsorised
    inner join dispersions
        on
            winsorised.measure_id = dispersions.measure_id
            and winsorised.definition_version = dispersions.definition_version
            and winsorised.financial_year = dispersions.financial_year

)

select
    figure_id,
    council_code,
    council,
    financial_year,
    measure_id,
    definition_version,
    unit,
    verdict,
    cast({{ rounded('rate') }} as {{ type_rate() }}) as value,
    cast(residents as bigint) as residents,
    cast(n as integer) as n_councils,
    cast({{ rounded('per * target') }} as {{ type_rate() }}) as england_rate,
    cast({{ rounded('residents * target') }} as {{ type_rate() }}) as expected_people,
    cast({{ rounded('dispersion') }} as {{ type_rate() }}) as dispersion,
    cast({{ rounded('per * between_sd') }} as {{ type_rate() }}) as between_councils,
    {%- for name, z in [('95', 1.9599639845400545), ('998', 3.090232306167813)] %}
    cast({{ rounded(
        'per * case when target > ' ~ z ~ ' * deviation then target - ' ~ z ~ ' * deviation else 0 end'
    ) }} as {{ type_rate() }}) as low_{{ name }},
    cast({{ rounded('per * (target + ' ~ z ~ ' * deviation)') }} as {{ type_rate() }}) as high_{{ name }},
    {%- endfor %}
    cast({{ rounded('(rate / per - target) / deviation') }} as {{ type_rate() }}) as z_score,
    case
        when abs(rate / per - target) <= 1.9599639845400545 * deviation then 'within'
        when rate / per > target + 3.090232306167813 * deviation then 'above 99.8%'
        when rate / per > target then 'above 95%'
        when rate / per < target - 3.090232306167813 * deviation then 'below 99.8%'
        else 'below 95%'
    end as place
from limits
