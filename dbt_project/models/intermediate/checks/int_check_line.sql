-- What gate A asks of a whole published column: does it recompute, and do the councils add up to the printed England?
with

figures as (

    select * from {{ ref('int_check_figure') }} where has_parts

),

lines as (

    select * from {{ ref('int_return_line') }}

),

defects as (

    select * from {{ ref('known_defect') }} where council_code is null

),

collections as (

    select * from {{ ref('collection') }}

),

recomputed as (

    select
        release_id,
        collection,
        financial_year,
        line,
        measure_id,
        min(column_number) as column_number,
        min(row_number) as row_number,
        count(recompute_gap_gbp) as n_recomputable,
        sum(case when recompute_gap_gbp > 0 then 1 else 0 end) as n_not_recomputing,
        {{ median('case when recompute_gap_gbp > 0 then recompute_factor end') }} as median_factor
    from figures
    group by release_id, collection, financial_year, line, measure_id

),

councils as (

    select
        lines.release_id,
        lines.line,
        sum(
            case
                when
                    collections.england_total_of = 'all_councils'
                    or (lines.numerator_thousands_gbp <> 0 and lines.denominator_printed <> 0)
                    then lines.numerator_thousands_gbp
            end
        ) as numerator_thousands_gbp,
        sum(
            case
                when collections.england_total_of = 'all_councils' and lines.numerator_thousands_gbp is null then 1
                else 0
            end
        ) as n_without_numerator
    from lines
    inner join collections on lines.collection = collections.collection
    where lines.area_kind = 'council'
    group by lines.release_id, lines.line

),

england as (

    select release_id, line, numerator_thousands_gbp
    from lines
    where area_kind = 'england'

),

checks as (

    select
        recomputed.release_id,
        recomputed.collection,
        recomputed.financial_year,
        recomputed.line,
        recomputed.measure_id,
        recomputed.row_number,
        recomputed.column_number,
        recomputed.n_recomputable,
        recomputed.n_not_recomputing,
        {{ ratio('100 * recomputed.n_not_recomputing', 'recomputed.n_recomputable') }} as not_recomputing_pct,
        recomputed.median_factor,
        case when defects.line is null then 0 else 1 end as is_known_defect,
        defects.because as known_defect_because,
        councils.numerator_thousands_gbp as councils_numerator_thousands_gbp,
        england.numerator_thousands_gbp as england_numerator_thousands_gbp,
        councils.n_without_numerator,
        -- Only where every council reports: the printed England includes the publisher's estimates for those that do
        -- not.
        case
            when councils.n_without_numerator = 0 and england.numerator_thousands_gbp > 0
                then {{ ratio(
                    '100 * (councils.numerator_thousands_gbp - england.numerator_thousands_gbp)',
                    'england.numerator_thousands_gbp'
                ) }}
        end as england_difference_pct
    from recomputed
    left join councils on recomputed.release_id = councils.release_id and recomputed.line = councils.line
    left join england on recomputed.release_id = england.release_id and recomputed.line = england.line
    left join defects
        on
            recomputed.collection = defects.collection
            and recomputed.financial_year = defects.financial_year
            and recomputed.line = defects.line

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name,
    {{ no_finding_columns(['council_code', 'figure_id']) }}
from checks
left join releases on checks.release_id = releases.release_id
