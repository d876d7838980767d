-- The figures that councils are compared by: unit costs, outcomes, rates per resident,
-- costs per person and shares. From here on figures are joined by number, which is faster than by their long names.
with

printed as (

    select figures.*
    from {{ ref('fct_figure') }} as figures
    inner join {{ ref('int_measure') }} as measures
        on figures.measure_id = measures.measure_id and figures.definition_version = measures.definition_version
    where
        figures.is_current
        -- No council pays nothing for a week of care: a unit cost of zero is treated as missing.
        and (
            (
                measures.family = 'unit_cost'
                and coalesce(measures.quantity, '') not in ('unit_cost_numerator', 'unit_cost_denominator')
                and figures.value > 0
            )
            or (measures.family = 'outcome' and figures.value is not null)
        )

),

derived as (

    select * from {{ ref('fct_derived_figure') }} where value is not null

),

derivations as (

    select * from {{ ref('derivation') }} where is_benchmarked = 'true'

),

compared as (

    select
        figure_id, council_code, council, financial_year, measure_id, definition_version, unit, verdict,
        value, numerator, denominator, ruled_value,
        -- A correction says what the unit cost is, not which of its parts was wrong: such parts get no weight.
        case when ruled_value is not null and coalesce(ruling, '') <> 'correct' then numerator end as ruled_numerator,
        case when ruled_value is not null then ruled_denominator end as ruled_denominator,
        1 as scale,
        cast(null as {{ dbt.type_string() }}) as population_status
    from printed
    union all
    select
        derived.figure_id, derived.council_code, derived.council, derived.financial_year, derived.measure_id,
        derived.definition_version, derived.unit, derived.verdict,
        derived.value, derived.numerator, derived.denominator, derived.ruled_value,
        derived.ruled_numerator, derived.ruled_denominator,
        derivations.scale,
        derived.population_status
    from derived
    inner join derivations on derived.derivation = derivations.derivation

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
    value,
    numerator,
    denominator,
    ruled_value,
    ruled_numerator,
    ruled_denominator,
    scale,
    population_status,
    cast(
        row_number() over (order by measure_id, definition_version, financial_year, council_code) as integer
    ) as figure_key,
    cast(dense_rank() over (order by financial_year, measure_id, definition_version) as integer) as series_key
from compared
