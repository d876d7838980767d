-- The usual level of a council around a year, by its figures of that year and of the two before and after: their mean,
-- drawn towards England's median the more, the fewer they are and the more the measure jumps from year to year.
with

deviations as (

    select * from {{ ref('cmp_deviation') }}

),

spreads as (

    select * from {{ ref('cmp_spread') }} where noise is not null and level_variance > 0

),

panels as (

    select
        deviations.figure_key,
        count(*) as n_panel_years,
        min(panel.financial_year) as panel_from,
        max(panel.financial_year) as panel_to,
        avg(panel.deviation) as mean_deviation
    from deviations
    inner join deviations as panel
        on
            deviations.measure_id = panel.measure_id
            and deviations.definition_version = panel.definition_version
            and deviations.council_code = panel.council_code
            and panel.first_year between deviations.first_year - 2 and deviations.first_year + 2
    group by deviations.figure_key

),

weighed as (

    select
        deviations.figure_key,
        deviations.measure_id,
        deviations.definition_version,
        deviations.first_year,
        deviations.scale,
        deviations.year_median,
        deviations.n_england,
        panels.n_panel_years,
        panels.panel_from,
        panels.panel_to,
        panels.mean_deviation,
        spreads.noise,
        spreads.noise_from,
        spreads.level_variance,
        spreads.level_variance / (spreads.level_variance + spreads.noise * spreads.noise / panels.n_panel_years)
            as panel_reliability
    from deviations
    inner join panels on deviations.figure_key = panels.figure_key
    inner join spreads
        on
            deviations.measure_id = spreads.measure_id
            and deviations.definition_version = spreads.definition_version

)

select
    figure_key,
    measure_id,
    definition_version,
    first_year,
    scale,
    year_median,
    n_panel_years,
    panel_from,
    panel_to,
    noise,
    noise_from,
    level_variance / (level_variance + noise * noise) as reliability,
    panel_reliability,
    panel_reliability * mean_deviation as level,
    sqrt(level_variance * (1 - panel_reliability)) as level_error,
    -- In pounds the median of the year counts too, which is known to pi/2 of a mean's variance. What is common to all
    -- years of the council's panel has gone out of it with their own medians.
    sqrt(
        level_variance * (1 - panel_reliability)
        + 1.5707963267948966 / n_england
        * (noise * noise + level_variance * (1 - panel_reliability) * (1 - panel_reliability))
    ) as value_error
from weighed
