-- Every published line in each release that holds it, matched to its measure.
with

lines as (

    select * from {{ ref('int_line_measure') }}

),

releases as (

    select * from {{ ref('int_release') }}

)

select
    cast(row_number() over (
        order by lines.sheet_id, lines.financial_year, lines.line, lines.component
    ) as integer) as line_key,
    lines.sheet_id,
    releases.release_id,
    releases.precedence,
    releases.coverage,
    releases.status as release_status,
    lines.layout,
    lines.collection,
    lines.financial_year,
    lines.line,
    lines.component,
    lines.has_parts,
    case when lines.has_parts and lines.component <> 'unit_cost' then 'part' else 'value' end as role,
    lines.is_voluntary,
    {{ measure_key('lines.measure_id', 'lines.definition_version') }} as measure_key,
    lines.measure_id,
    lines.definition_version,
    lines.is_composed,
    lines.is_leaf,
    lines.client,
    lines.client_group_label,
    lines.age_band,
    lines.service,
    lines.service_label,
    lines.provision,
    lines.is_net_of_income,
    lines.quantity,
    lines.quantity_label,
    lines.unit,
    lines.family,
    lines.scale,
    lines.polarity,
    lines.denominator_per,
    lines.denominator_step,
    lines.numerator_step,
    lines.comparable_from,
    lines.comparable_to,
    lines.unknown_terms
from lines
inner join releases
    on
        lines.source_id = releases.source_id
        and lines.layout = releases.layout
        and lines.financial_year = releases.financial_year
