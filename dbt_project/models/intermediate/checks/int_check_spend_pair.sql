-- Two years of a line of spending, from the side of each: by its share of the council's spending, how much further than
-- the other year is it from England's median, and from the council's remaining years?
with

parameters as (

    {{ parameter('smallest_share_of_spending') }}

),

lines as (

    select
        line_key,
        release_id,
        financial_year,
        measure_id,
        definition_version,
        is_leaf,
        coverage,
        cast(substr(financial_year, 1, 4) as integer) as first_year
    from {{ ref('int_line') }}
    where role = 'value' and quantity = 'gross_current_expenditure' and not is_voluntary

),

figures as (

    select
        lines.*,
        figures.figure_id,
        figures.council_code,
        figures.is_current,
        figures.value,
        figures.row_number,
        figures.column_number
    from {{ ref('int_figure') }} as figures
    inner join lines on figures.line_key = lines.line_key
    where figures.value >= 0

),

councils as (

    select release_id, council_code, sum(cast(value as double)) as all_gbp
    from figures
    where is_leaf
    group by release_id, council_code

),

shares as (

    select figures.*, cast(figures.value as double) / nullif(councils.all_gbp, 0) as share
    from figures
    inner join councils
        on figures.release_id = councils.release_id and figures.council_code = councils.council_code

),

england as (

    select
        release_id,
        measure_id,
        definition_version,
        percentile_cont(0.5) within group (order by share) as median_share
    from shares
    where coverage = 'england'
    group by release_id, measure_id, definition_version

),

-- The smallest share is added on both sides: below it nothing is far from anything, and a line without any spending has
-- a place too.
placed as (

    select
        shares.*,
        ln(
            (shares.share + cast(parameters.smallest_share_of_spending as double))
            / (england.median_share + cast(parameters.smallest_share_of_spending as double))
        ) as place
    from shares
    cross join parameters
    left join england
        on
            shares.release_id = england.release_id
            and shares.measure_id = england.measure_id
            and shares.definition_version = england.definition_version

),

series as (

    select * from placed where is_current

),

paired as (

    select
        placed.*,
        neighbour.financial_year as other_year,
        neighbour.first_year as other_first_year,
        neighbour.value as other_value,
        neighbour.place as other_place,
        greatest(placed.value, neighbour.value) as larger_gbp,
        {{ ratio('least(placed.value, neighbour.value)', 'greatest(placed.value, neighbour.value)') }} as smaller_share
    from placed
    inner join series as neighbour
        on
            placed.council_code = neighbour.council_code
            and placed.measure_id = neighbour.measure_id
            and placed.definition_version = neighbour.definition_version
            and abs(placed.first_year - neighbour.first_year) = 1
    where greatest(placed.value, neighbour.value) > 0

),

remaining as (

    select paired.figure_id, paired.other_first_year, {{ median('series.place') }} as usual_place
    from paired
    inner join series
        on
            paired.council_code = series.council_code
            and paired.measure_id = series.measure_id
            and paired.definition_version = series.definition_version
            and series.first_year not in (paired.first_year, paired.other_first_year)
    where series.place is not null
    group by paired.figure_id, paired.other_first_year

),

measured as (

    select
        paired.*,
        abs(paired.place) - abs(paired.other_place) as from_peers,
        abs(paired.place - remaining.usual_place) - abs(paired.other_place - remaining.usual_place) as from_own_years
    from paired
    left join remaining
        on paired.figure_id = remaining.figure_id and paired.other_first_year = remaining.other_first_year

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    measured.figure_id,
    measured.other_year,
    measured.release_id,
    releases.file_name,
    measured.financial_year,
    measured.council_code,
    measured.measure_id,
    measured.row_number,
    measured.column_number,
    measured.value,
    measured.other_value,
    measured.larger_gbp,
    measured.smaller_share,
    {{ rounded('exp(measured.from_peers)') }} as further_from_peers,
    {{ rounded('exp(measured.from_own_years)') }} as further_from_own_years,
    {{ rounded('exp(measured.from_peers + coalesce(measured.from_own_years, 0))') }} as further_in_all
from measured
left join releases on measured.release_id = releases.release_id
