-- The parts that a total of spending owes its doubt to, each with its share of the total, and by how much the total
-- would move if all of them were at England's median: money on the wrong line is in the right total.
with

figures as (

    select figure_id, council_code, council, financial_year, measure_id, definition_version
    from {{ ref('fct_derived_figure') }}
    where
        verdict = 'warn'
        and derivation in (
            'sum', 'per_head', 'share_of_adult_social_care', 'share_of_client_group', 'own_share_of_spend'
        )

),

ratios as (

    select * from {{ ref('int_ratio') }}

),

sum_parts as (

    select * from {{ ref('int_sum_part') }} where part_of = 'value'

),

sums as (

    select * from {{ ref('int_derived_sum') }} where value > 0

),

printed as (

    select * from {{ ref('fct_figure') }} where is_current and verdict in ('warn', 'quarantine') and value is not null

),

levels as (

    select figure_id, excess_gbp from {{ ref('int_check_spend_level') }}

),

noted_totals as (

    select distinct figure_id
    from {{ ref('int_finding') }}
    where figure_id is not null and rule_id like 'spend_level%'

),

measures as (

    select measure_id, definition_version, label from {{ ref('dim_measure') }}

),

most as (

    {{ parameter('material_share_of_total') }}

),

-- Which totals a figure is made of: the two of a ratio, or itself.
totals as (

    select financial_year, measure_id, definition_version, numerator_measure_id as total_measure_id, 'numerator' as side
    from ratios
    where numerator_of = 'value'
    union all
    select
        financial_year, measure_id, definition_version, denominator_measure_id as total_measure_id,
        'denominator' as side
    from ratios
    where denominator_of = 'value'
    union all
    select distinct
        financial_year, measure_id, definition_version, measure_id as total_measure_id, 'sum' as side -- noqa: AL08
    from sum_parts

),

needed as (

    select
        figures.figure_id,
        figures.council_code,
        figures.council,
        figures.financial_year,
        figures.measure_id,
        figures.definition_version,
        totals.side,
        totals.total_measure_id,
        concat(figures.council_code, ':', figures.financial_year, ':', totals.total_measure_id) as total_figure_id
    from figures
    inner join totals
        on
            figures.financial_year = totals.financial_year
            and figures.measure_id = totals.measure_id
            and figures.definition_version = totals.definition_version

),

-- A total that is printed is its own part: a doubt on it is a doubt on all of it.
parts as (

    select
        needed.*,
        printed.figure_id as part_figure_id,
        printed.measure_id as part_measure_id,
        printed.definition_version as part_definition_version,
        printed.value as part_value,
        printed.verdict as part_verdict,
        printed.rule_ids as part_rule_ids,
        sums.value as total_value,
        noted_totals.figure_id is not null as is_total_doubted
    from needed
    inner join sums
        on
            needed.council_code = sums.council_code
            and needed.financial_year = sums.financial_year
            and needed.total_measure_id = sums.measure_id
            and needed.definition_version = sums.definition_version
    inner join sum_parts
        on
            needed.financial_year = sum_parts.financial_year
            and needed.total_measure_id = sum_parts.measure_id
            and needed.definition_version = sum_parts.definition_version
    inner join printed
        on
            needed.council_code = printed.council_code
            and needed.financial_year = printed.financial_year
            and sum_parts.part_measure_id = printed.measure_id
            and sum_parts.part_definition_version = printed.definition_version
    left join noted_totals on needed.total_figure_id = noted_totals.figure_id
    union all
    select
        needed.*, -- noqa: AM04
        printed.figure_id as part_figure_id,
        printed.measure_id as part_measure_id,
        printed.definition_version as part_definition_version,
        printed.value as part_value,
        printed.verdict as part_verdict,
        printed.rule_ids as part_rule_ids,
        printed.value as total_value,
        true as is_total_doubted
    from needed
    inner join printed
        on
            needed.council_code = printed.council_code
            and needed.financial_year = printed.financial_year
            and needed.total_measure_id = printed.measure_id
            and needed.definition_version = printed.definition_version

),

-- Where England's median of a part is not known, all of the part is counted.
moved as (

    select
        parts.*,
        coalesce(levels.excess_gbp, parts.part_value) as excess_gbp,
        sum(coalesce(levels.excess_gbp, parts.part_value)) over (partition by parts.figure_id, parts.side)
            as total_excess_gbp
    from parts
    left join levels on parts.part_figure_id = levels.figure_id

)

select
    moved.figure_id,
    moved.side,
    moved.part_figure_id,
    moved.council_code,
    moved.council,
    moved.financial_year,
    moved.measure_id,
    moved.definition_version,
    moved.part_measure_id,
    measures.label as part_label,
    moved.part_value as part_gbp,
    moved.part_verdict,
    moved.part_rule_ids,
    cast(moved.total_value as {{ type_decimal() }}) as total_gbp,
    {{ ratio('100 * moved.part_value', 'moved.total_value') }} as part_of_total_pct,
    cast(moved.excess_gbp as {{ type_decimal() }}) as excess_gbp,
    {{ ratio('100 * moved.total_excess_gbp', 'moved.total_value') }} as total_excess_pct,
    moved.is_total_doubted,
    max(case
        when moved.is_total_doubted or abs(moved.total_excess_gbp) >= most.material_share_of_total * moved.total_value
            then 1
        else 0
    end) over (partition by moved.figure_id) = 1 as is_material
from moved
cross join most
left join measures
    on moved.part_measure_id = measures.measure_id and moved.part_definition_version = measures.definition_version
