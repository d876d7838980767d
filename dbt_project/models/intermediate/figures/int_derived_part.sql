{%- set is_believed -%}
figures.verdict not in ('quarantine', 'unjudged') and coalesce(figures.ruling, '') <> 'correct'
{%- endset -%}
{%- set is_doubted_as_level
    = "figures.verdict = 'quarantine' and figures.ruling is null and coalesce(findings.is_hard, 0) = 0" -%}
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

-- A line that stands out per resident, or jumps in its share of the council's spending, says nothing of a total it is
-- in: money on the wrong line is in the right total, and totals are judged per resident themselves.
findings as (

    select
        figure_id,
        max(case when severity in ('critical', 'warning') then 1 else 0 end) as is_hard
    from {{ ref('int_finding') }}
    where figure_id is not null and rule_id not like 'spend_level%' and rule_id <> 'spend_jump'
    group by figure_id

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
    case
        when {{ is_doubted_as_level }} then 1
        when figures.verdict = 'quarantine' then 3
        when figures.verdict = 'unjudged' then 2
        when figures.verdict = 'warn' then 1
        else 0
    end as doubt_in_sum,
    case when {{ is_doubted_as_level }} then figures.value else figures.ruled_value end as ruled_value_in_sum,
    figures.rule_ids,
    figures.ruling
from figures
inner join needed
    on
        figures.financial_year = needed.financial_year
        and figures.measure_id = needed.measure_id
        and figures.definition_version = needed.definition_version
left join unit_costs on figures.figure_id = unit_costs.figure_id
left join findings on figures.figure_id = findings.figure_id
