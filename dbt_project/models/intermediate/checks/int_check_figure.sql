-- Everything gate A asks of a single unit cost, as numbers; the thresholds are in expectations/, never here.
with

measured as (

    select * from {{ ref('int_unit_cost_context') }}

),

checks as (

    select
        figure_id,
        release_id,
        collection,
        coverage,
        release_status,
        is_current,
        financial_year,
        council_code,
        council,
        line,
        measure_id,
        definition_version,
        client_group,
        service,
        provision,
        denominator_unit,
        value,
        value_printed,
        missing_reason,
        numerator,
        denominator,
        unit_cost_row as row_number,
        unit_cost_column as column_number,
        recomputed_value,
        recomputed_low,
        recomputed_high,
        -- How far the printed unit cost is outside what its printed parts allow, in pounds; 0 is inside.
        case
            when value is not null and recomputed_high is not null
                then greatest(
                    recomputed_low - (value + value_half_step), (value - value_half_step) - recomputed_high, 0
                )
        end as recompute_gap_gbp,
        case when value > 0 then {{ ratio('value', 'recomputed_value') }} end as recompute_factor,
        england_n,
        england_median,
        case when value > 0 then {{ ratio('value', 'england_median') }} end as peer_ratio,
        sibling_figure_id,
        case when value > 0 then {{ ratio('value', 'sibling_value') }} end as sibling_ratio,
        case when value > 0 then {{ ratio('value', 'previous_value') }} end as year_on_year,
        case
            when denominator_unit in ('person-weeks', 'client-weeks') then {{ ratio('denominator', 'weeks_per_year') }}
        end as average_people,
        case
            when denominator_unit in ('person-weeks', 'client-weeks')
                then {{ ratio('numerator', 'england_median * weeks_per_year') }}
        end as implied_people,
        {{ ratio('100 * denominator_half_step', 'denominator') }} as denominator_rounding_pct,
        n_earlier_versions,
        n_same_denominators,
        case when is_flagged_by_publisher then 1 else 0 end as n_publisher_flags
    from measured

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name
from checks
left join releases on checks.release_id = releases.release_id
