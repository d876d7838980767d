-- What a council spent by two returns that print the same line, side by side. Totals that a return does not print are
-- added up as everywhere.
with

pairs as (

    select * from {{ ref('return_pair') }}

),

printed as (

    select council_code, council, financial_year, measure_id, figure_id, value, missing_reason
    from {{ ref('fct_figure') }}
    where is_current

),

added as (

    select
        derived.council_code, derived.council, derived.financial_year, derived.measure_id, derived.figure_id,
        derived.value, derived.missing_reason
    from {{ ref('fct_derived_figure') }} as derived
    where derived.derivation = 'sum'

),

amounts as (

    select * from printed
    union all
    select * from added

)

select
    one.council_code,
    one.council,
    one.financial_year,
    pairs.line,
    pairs.collection_a as return_a,
    pairs.measure_a,
    pairs.collection_b as return_b,
    pairs.measure_b,
    one.figure_id as figure_a,
    other.figure_id as figure_b,
    one.value as value_a,
    other.value as value_b,
    cast(other.value - one.value as {{ type_decimal() }}) as difference,
    case when one.value > 0 then {{ ratio('100 * (other.value - one.value)', 'one.value') }} end as difference_pct,
    pairs.known_reason,
    coalesce(one.missing_reason, other.missing_reason) as missing_reason
from pairs
inner join amounts as one
    on pairs.measure_a = one.measure_id and one.financial_year between pairs.from_year and pairs.to_year
inner join amounts as other
    on
        pairs.measure_b = other.measure_id
        and one.council_code = other.council_code
        and one.financial_year = other.financial_year
