-- What a saving is worked out from: the spend, what the difference to a target is multiplied by (residents, weeks, or
-- the total that a share is of), and whether the nearest returns say the same of the figure.
with

derived as (

    select * from {{ ref('fct_derived_figure') }} where ruled_value is not null

),

ratios as (

    select * from {{ ref('int_ratio') }} where has_saving

),

unit_costs as (

    -- Voluntary age bands are parts of those that everyone returns.
    select
        figures.figure_id, figures.value, figures.denominator_unit, figures.numerator_half_step,
        recomputed.believed_denominator as denominator,
        recomputed.believed_denominator_half_step as denominator_half_step
    from {{ ref('int_unit_cost') }} as figures
    inner join {{ ref('int_unit_cost_recomputed') }} as recomputed on figures.figure_id = recomputed.figure_id
    where figures.is_current and not figures.is_voluntary and recomputed.believed_denominator > 0

),

judged as (

    select * from {{ ref('fct_figure') }} where is_current and ruled_value is not null

),

spend as (

    select distinct financial_year, client, age_band, service, quantity, measure_id, definition_version
    from {{ ref('int_spend') }}

),

groups as (

    select * from {{ ref('client_group') }}

),

-- Savings with one total_key do not overlap: client groups with each other, and settings with each other; but a group
-- and its own settings do, and so do a total of groups and each of them.
derived_volumes as (

    select
        derived.figure_id,
        derived.council_code,
        derived.financial_year,
        derived.measure_id,
        derived.definition_version,
        derived.ruled_value as value,
        derived.ruled_numerator as spend,
        derived.ruled_denominator as volume,
        derived.denominator_unit as volume_unit,
        derived.numerator_half_step,
        derived.denominator_half_step,
        ratios.scale,
        ratios.denominator_of <> 'population' as is_share,
        case
            when groups.is_total = 'false'
                then concat(
                    ratios.derivation, ', ', spend.quantity,
                    case when spend.service = '' then ', client groups' else ', settings' end
                )
        end as total_key
    from derived
    inner join ratios
        on
            derived.financial_year = ratios.financial_year
            and derived.measure_id = ratios.measure_id
            and derived.definition_version = ratios.definition_version
    left join spend
        on
            ratios.financial_year = spend.financial_year
            and ratios.numerator_measure_id = spend.measure_id
            and ratios.definition_version = spend.definition_version
    left join groups on spend.client = groups.client_group

),

volumes as (

    select * from derived_volumes
    union all
    select
        unit_costs.figure_id,
        judged.council_code,
        judged.financial_year,
        judged.measure_id,
        judged.definition_version,
        judged.ruled_value as value,
        cast(unit_costs.value * unit_costs.denominator as {{ type_decimal() }}) as spend,
        unit_costs.denominator as volume,
        unit_costs.denominator_unit as volume_unit,
        unit_costs.numerator_half_step,
        unit_costs.denominator_half_step,
        1 as scale,
        false as is_share,
        cast(null as {{ dbt.type_string() }}) as total_key
    from unit_costs
    inner join judged on unit_costs.figure_id = judged.figure_id

),

-- The returns of the two years before and after, by the same definition.
returns as (

    select
        volumes.figure_id,
        others.financial_year as other_year,
        {{ ratio('others.value', 'volumes.value') }} as other_ratio
    from volumes
    inner join volumes as others
        on
            volumes.council_code = others.council_code
            and volumes.measure_id = others.measure_id
            and volumes.definition_version = others.definition_version
            and volumes.financial_year <> others.financial_year
            and abs(
                cast(substr(volumes.financial_year, 1, 4) as integer)
                - cast(substr(others.financial_year, 1, 4) as integer)
            ) <= 2

),

agreement as (

    select
        figure_id,
        min(other_ratio) as lowest_return_ratio,
        max(other_ratio) as highest_return_ratio,
        {{ joined_list('other_year') }} as return_years
    from returns
    group by figure_id

)

select
    volumes.*,
    agreement.lowest_return_ratio,
    agreement.highest_return_ratio,
    agreement.return_years
from volumes
left join agreement on volumes.figure_id = agreement.figure_id
