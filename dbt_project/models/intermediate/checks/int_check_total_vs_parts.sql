-- What gate A asks of a whole and its parts in one council: parts add up, and the whole's unit cost is among theirs.
with

figures as (

    select * from {{ ref('int_unit_cost') }}

),

parts as (

    select * from {{ ref('measure_part') }}

),

defects as (

    select * from {{ ref('known_defect') }}

),

part_figures as (

    select
        parts.whole_measure_id,
        parts.part_measure_id,
        parts.kind,
        figures.release_id,
        figures.council_code,
        case when defects.council_code is null then figures.numerator end as numerator,
        figures.value,
        figures.numerator_half_step,
        figures.value_half_step,
        defects.line as defect_line
    from parts
    inner join figures on parts.part_measure_id = figures.measure_id
    left join defects
        on
            figures.collection = defects.collection
            and figures.financial_year = defects.financial_year
            and figures.line = defects.line
            and (defects.council_code is null or figures.council_code = defects.council_code)

),

summed as (

    select
        whole_measure_id,
        release_id,
        council_code,
        max(kind) as kind,
        count(*) as n_parts,
        count(numerator) as n_numerators,
        sum(numerator) as numerator,
        sum(numerator_half_step) as numerator_half_step,
        count(case when value > 0 then 1 end) as n_values,
        min(case when value > 0 then value - value_half_step end) as lowest_value,
        max(case when value > 0 then value + value_half_step end) as highest_value,
        count(defect_line) as n_defects
    from part_figures
    group by whole_measure_id, release_id, council_code

),

expected as (

    select whole_measure_id, count(*) as n_parts
    from parts
    group by whole_measure_id

),

checks as (

    select
        figures.figure_id,
        figures.release_id,
        figures.financial_year,
        figures.council_code,
        figures.measure_id,
        figures.unit_cost_row as row_number,
        figures.unit_cost_column as column_number,
        figures.numerator,
        summed.numerator as parts_numerator,
        summed.lowest_value,
        summed.highest_value,
        figures.value,
        -- Pounds by which the parts miss the whole beyond what rounding allows; 0 adds up.
        case
            when summed.n_numerators = expected.n_parts and figures.numerator is not null
                then greatest(
                    abs(figures.numerator - summed.numerator)
                    - figures.numerator_half_step - summed.numerator_half_step,
                    0
                )
        end as additivity_gap_gbp,
        -- Per cent by which the whole's unit cost is outside its parts'; 0 is inside.
        case
            when
                summed.kind = 'complete' and summed.n_values = expected.n_parts and figures.value > 0
                and summed.n_defects = 0
                then greatest(
                    {{ ratio('100 * (summed.lowest_value - figures.value)', 'summed.lowest_value') }},
                    {{ ratio('100 * (figures.value - summed.highest_value)', 'summed.highest_value') }},
                    0
                )
        end as bracket_gap_pct
    from figures
    inner join summed
        on
            figures.measure_id = summed.whole_measure_id
            and figures.release_id = summed.release_id
            and figures.council_code = summed.council_code
    inner join expected
        on summed.whole_measure_id = expected.whole_measure_id and summed.n_parts = expected.n_parts
    left join defects
        on
            figures.collection = defects.collection
            and figures.financial_year = defects.financial_year
            and figures.line = defects.line
            and (defects.council_code is null or figures.council_code = defects.council_code)
    where defects.line is null

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name
from checks
left join releases on checks.release_id = releases.release_id
