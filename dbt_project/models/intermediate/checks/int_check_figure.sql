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
        has_parts,
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
        believed_denominator,
        unit_cost_row as row_number,
        unit_cost_column as column_number,
        recomputed_value,
        recomputed_low,
        recomputed_high,
        recompute_gap_gbp,
        denominator_factor,
        case when value > 0 then {{ ratio('value', 'recomputed_value') }} end as recompute_factor,
        england_n,
        england_median,
        case when value > 0 then {{ ratio('value', 'england_median') }} end as peer_ratio,
        sibling_figure_id,
        case when value > 0 then {{ ratio('value', 'sibling_value') }} end as sibling_ratio,
        case when value > 0 then {{ ratio('value', 'previous_value') }} end as year_on_year,
        case
            when denominator_unit in ('person-weeks', 'client-weeks')
                then {{ ratio('believed_denominator', 'weeks_per_year') }}
        end as average_people,
        case
            when denominator_unit in ('person-weeks', 'client-weeks')
                then {{ ratio('numerator', 'england_median * weeks_per_year') }}
        end as implied_people,
        {{ ratio('100 * denominator_half_step', 'denominator') }} as denominator_rounding_pct,
        n_earlier_versions,
        n_same_denominators,
        case when is_flagged_by_publisher then 1 else 0 end as n_publisher_flags,
        -- Nothing and less are no price, and are noted as such; a price is judged beside others. That it recomputes
        -- says only that it was printed without a slip.
        coalesce(
            value <= 0 or (has_enough_peers and england_median > 0) or previous_value > 0, false
        ) as is_judged
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
