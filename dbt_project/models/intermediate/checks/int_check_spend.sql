-- What gate A asks of spending over time: by how much does a line of a council move from one year to the next?
with

lines as (

    select
        line_key,
        release_id,
        financial_year,
        measure_id,
        definition_version,
        cast(substr(financial_year, 1, 4) as integer) as first_year
    from {{ ref('int_line') }}
    where role = 'value' and quantity = 'gross_current_expenditure' and not is_voluntary

),

figures as (

    select * from {{ ref('int_figure') }} where value >= 0

),

spend as (

    select
        lines.release_id,
        lines.financial_year,
        lines.first_year,
        lines.measure_id,
        lines.definition_version,
        figures.figure_id,
        figures.council_code,
        figures.is_current,
        figures.value,
        figures.row_number,
        figures.column_number
    from figures
    inner join lines on figures.line_key = lines.line_key

),

checks as (

    select
        spend.release_id,
        spend.financial_year,
        spend.council_code,
        spend.measure_id,
        spend.figure_id,
        spend.row_number,
        spend.column_number,
        spend.value,
        previous.value as previous_value,
        greatest(spend.value, previous.value) as larger_gbp,
        {{ ratio('spend.value', 'previous.value') }} as year_on_year
    from spend
    inner join spend as previous
        on
            spend.council_code = previous.council_code
            and spend.measure_id = previous.measure_id
            and spend.definition_version = previous.definition_version
            and spend.first_year = previous.first_year + 1
            and previous.is_current
            and previous.value > 0

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name
from checks
left join releases on checks.release_id = releases.release_id
