{#- The check frames that judge single figures, and say by is_judged whether they could. A new one belongs here. -#}
{%- set frames = ['int_check_figure', 'int_check_value'] -%}
-- Figures that no rule of gate A could judge: neither the figure itself, nor the account or total it is a part of, nor
-- the sum of its line over England, nor the control total of its return.
with

lines as (

    select * from {{ ref('int_line') }} where role = 'value' and measure_id is not null

),

summed as (

    select distinct release_id, measure_id
    from {{ ref('int_check_sum') }}
    where england_difference_pct is not null

),

controlled as (

    select release_id from {{ ref('int_check_control') }} where scope = 'all' and control_gap_gbp_million is not null

),

-- A rule on the whole return or line says little of one price or score, so these are judged one by one.
doubtful_lines as (

    select
        lines.line_key,
        lines.release_id,
        lines.measure_id,
        accounts.account_key
    from lines
    left join summed
        on
            lines.release_id = summed.release_id
            and lines.measure_id = summed.measure_id
            and lines.family not in ('unit_cost', 'outcome')
    left join controlled
        on lines.release_id = controlled.release_id and lines.family in ('expenditure', 'outturn', 'bridging')
    left join {{ ref('int_account_line') }} as accounts on lines.line_key = accounts.line_key
    where summed.release_id is null and controlled.release_id is null

),

figures as (

    select
        figures.figure_id,
        figures.line_key,
        figures.council_code,
        doubtful_lines.account_key,
        doubtful_lines.release_id,
        doubtful_lines.measure_id
    from {{ ref('int_figure') }} as figures
    inner join doubtful_lines on figures.line_key = doubtful_lines.line_key
    where figures.value is not null

),

accounts as (

    select distinct account_key, council_code
    from {{ ref('int_check_account') }}
    where identity_gap_gbp is not null

),

totals as (

    select distinct release_id, council_code, measure_id
    from {{ ref('int_check_service') }}
    where service_gap_gbp is not null

),

-- The parts of a unit cost that are lines of their own are judged with it.
unit_costs as (

    select unit_costs.numerator_line_key, unit_costs.denominator_line_key, unit_costs.council_code
    from {{ ref('int_unit_cost') }} as unit_costs
    inner join {{ ref('int_check_figure') }} as checks on unit_costs.figure_id = checks.figure_id
    where
        unit_costs.numerator_line_key is not null
        and (checks.is_judged or checks.recompute_gap_gbp is not null)

),

parts as (

    select numerator_line_key as line_key, council_code from unit_costs
    union
    select denominator_line_key as line_key, council_code from unit_costs

),

judged as (

    {% for frame in frames -%}
    select figure_id from {{ ref(frame) }} where is_judged
    {%- if not loop.last %}
    union
    {% endif -%}
    {%- endfor %}
    union
    -- Spending per resident next to England's median: int_check_spend_level holds those far from it alone.
    select figure_id from {{ ref('int_spend_level') }} where england_n >= 10 and england_median is not null

)

select distinct figures.figure_id
from figures
left join accounts
    on figures.account_key = accounts.account_key and figures.council_code = accounts.council_code
left join totals
    on
        figures.release_id = totals.release_id
        and figures.council_code = totals.council_code
        and figures.measure_id = totals.measure_id
left join parts on figures.line_key = parts.line_key and figures.council_code = parts.council_code
left join judged on figures.figure_id = judged.figure_id
where
    accounts.account_key is null and totals.release_id is null and parts.line_key is null
    and judged.figure_id is null
