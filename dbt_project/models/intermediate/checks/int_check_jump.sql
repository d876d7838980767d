-- Two years of a unit cost whose denominators differ by more than their money does, from the side of each of the two:
-- how much further than the other is it from England's median, and from the council's remaining years?
with

figures as (

    select
        *,
        cast(substr(financial_year, 1, 4) as integer) as first_year,
        -- Where the council is placed in England: years of different prices compare by it.
        ln(cast(peer_ratio as double)) as place
    from {{ ref('int_check_figure') }}
    where value > 0 and numerator > 0 and believed_denominator > 0

),

series as (

    select * from figures where is_current

),

paired as (

    select
        figures.*,
        neighbour.first_year as other_first_year,
        neighbour.financial_year as other_year,
        neighbour.value as other_value,
        neighbour.peer_ratio as other_peer_ratio,
        neighbour.place as other_place,
        {{ ratio('figures.value', 'neighbour.value') }} as value_ratio,
        {{ ratio('figures.numerator', 'neighbour.numerator') }} as numerator_ratio,
        {{ ratio('figures.believed_denominator', 'neighbour.believed_denominator') }} as denominator_ratio
    from figures
    inner join series as neighbour
        on
            figures.council_code = neighbour.council_code
            and figures.measure_id = neighbour.measure_id
            and figures.definition_version = neighbour.definition_version
            and abs(figures.first_year - neighbour.first_year) = 1

),

carried as (

    select *
    from paired
    where
        numerator_ratio > 0 and denominator_ratio > 0
        and abs(ln(cast(denominator_ratio as double))) > abs(ln(cast(numerator_ratio as double)))

),

-- The years of the council outside the pair; few have more than four.
remaining as (

    select
        carried.figure_id,
        carried.other_first_year,
        {{ median('series.place') }} as usual_place
    from carried
    inner join series
        on
            carried.council_code = series.council_code
            and carried.measure_id = series.measure_id
            and carried.definition_version = series.definition_version
            and series.first_year not in (carried.first_year, carried.other_first_year)
    where series.place is not null
    group by carried.figure_id, carried.other_first_year

),

placed as (

    select
        carried.*,
        abs(carried.place) - abs(carried.other_place) as further_from_peers,
        -- Without other years the peers alone decide.
        coalesce(
            abs(carried.place - remaining.usual_place) - abs(carried.other_place - remaining.usual_place), 0
        ) as further_from_own_years
    from carried
    left join remaining
        on
            carried.figure_id = remaining.figure_id
            and carried.other_first_year = remaining.other_first_year

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    placed.figure_id,
    placed.other_year,
    placed.release_id,
    releases.file_name,
    placed.financial_year,
    placed.council_code,
    placed.measure_id,
    placed.row_number,
    placed.column_number,
    placed.value,
    placed.other_value,
    placed.value_ratio,
    placed.numerator_ratio,
    placed.denominator_ratio,
    placed.peer_ratio,
    placed.other_peer_ratio,
    {{ rounded('exp(placed.further_from_peers)') }} as further_from_peers,
    {{ rounded('exp(placed.further_from_peers + placed.further_from_own_years)') }} as further_in_all
from placed
left join releases on placed.release_id = releases.release_id
