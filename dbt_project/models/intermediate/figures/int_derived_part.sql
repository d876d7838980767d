{%- set is_believed -%}
    figures.verdict not in ('quarantine', 'unjudged') and coalesce(figures.ruling, '') <> 'correct'
{%- endset -%}
-- The current figures that others are derived from, each with its parts and what is left of them once rulings are
-- applied.
with

figures as (

    select * from {{ ref('fct_figure') }} where is_current

),

unit_costs as (

    select
        figures.figure_id, figures.numerator_half_step, recomputed.believed_denominator,
        recomputed.believed_denominator_half_step
    from {{ ref('int_unit_cost') }} as figures
    inner join {{ ref('int_unit_cost_recomputed') }} as recomputed on figures.figure_id = recomputed.figure_id
    where figures.is_current and figures.has_parts

),

sum_parts as (

    select financial_year, part_measure_id, part_definition_version from {{ ref('int_sum_part') }}

),

ratios as (

    select * from {{ ref('int_ratio') }}

),

needed as (

    select financial_year, part_measure_id as measure_id, part_definition_version as definition_version
    from sum_parts
    union
    select financial_year, numerator_measure_id, definition_version from ratios
    union
    select financial_year, denominator_measure_id, definition_version from ratios where denominator_of <> 'population'

)

-- A quarantined figure has no parts to use. A correction of a unit cost does not say which of its parts was wrong, so
-- neither is used. A service that was not bought has no unit cost, but its parts are true zeros.
select
    figures.council_code,
    figures.council,
    figures.financial_year,
    {{ measure_key('figures.measure_id', 'figures.definition_version') }} as measure_key,
    figures.measure_id,
    figures.definition_version,
    figures.release_id,
    figures.value,
    figures.numerator,
    -- A denominator under the wrong heading is taken as what it is.
    coalesce(unit_costs.believed_denominator, figures.denominator) as denominator,
    figures.ruled_value,
    case when {{ is_believed }} then figures.numerator end as ruled_numerator,
    figures.ruled_denominator,
    figures.half_step as value_half_step,
    unit_costs.numerator_half_step,
    unit_costs.believed_denominator_half_step as denominator_half_step,
    case figures.verdict when 'quarantine' then 3 when 'unjudged' then 2 when 'warn' then 1 else 0 end as doubt,
    figures.rule_ids,
    figures.ruling
from figures
inner join needed
    on
        figures.financial_year = needed.financial_year
        and figures.measure_id = needed.measure_id
        and figures.definition_version = needed.definition_version
left join unit_costs on figures.figure_id = unit_costs.figure_id
