-- noqa: disable=LT02,LT05
-- The parameters of a snapshot and client group side by side.
with

parameters as (

    select * from {{ ref('int_placement_parameter') }}

),

weeks as (

    {{ parameter('weeks_per_year') }}

)

select
    parameters.snapshot_id,
    parameters.client_group,
    weeks.weeks_per_year,
    max(
        case
            when
                parameters.is_own
                and parameters.parameter not in ('change_pct', 'reconciliation_pct', 'price_gap_pct')
                then 1
            else 0
        end
    ) = 1 as has_own,
    {%- for name in ['high_cost_from', 'low_cost_below', 'uncosted_weekly', 'step_down_from', 'step_down_below',
                     'interim_weeks', 'review_months', 'older_from_age', 'change_pct', 'reconciliation_pct',
                     'price_gap_pct'] %}
    max(case parameters.parameter when '{{ name }}' then parameters.number end) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from parameters
cross join weeks
group by parameters.snapshot_id, parameters.client_group, weeks.weeks_per_year
