-- What gate A asks of a whole and its services in one council: the printed parts add up to the printed whole.
with

lines as (

    select
        line_key,
        release_id,
        financial_year,
        measure_id,
        service,
        client,
        coalesce(age_band, '') as age_band,
        provision,
        quantity,
        is_voluntary
    from {{ ref('int_line') }}
    where role = 'value' and is_composed and family in ('expenditure', 'outturn')

),

services as (

    select service, whole from {{ ref('service') }} where whole is not null and whole <> ''

),

parts as (

    select
        lines.*,
        services.whole
    from lines
    inner join services on lines.service = services.service

),

wholes as (

    select
        lines.line_key as whole_key,
        parts.line_key as part_key
    from lines
    inner join parts
        on
            lines.release_id = parts.release_id
            and lines.service = parts.whole
            and lines.client = parts.client
            and lines.age_band = parts.age_band
            and lines.provision = parts.provision
            and lines.quantity = parts.quantity

),

counted as (

    select
        whole_key,
        count(*) as n_parts
    from wholes
    group by whole_key

),

figures as (

    select line_key, council_code, value, row_number, column_number from {{ ref('int_figure') }}

),

summed as (

    select
        wholes.whole_key,
        figures.council_code,
        count(figures.value) as n_values,
        sum(figures.value) as parts_value
    from wholes
    inner join figures on wholes.part_key = figures.line_key
    group by wholes.whole_key, figures.council_code

),

checks as (

    select
        lines.release_id,
        lines.financial_year,
        figures.council_code,
        lines.measure_id,
        lines.is_voluntary,
        figures.row_number,
        figures.column_number,
        counted.n_parts,
        figures.value as whole_value,
        summed.parts_value,
        abs(figures.value - summed.parts_value) as service_gap_gbp
    from summed
    inner join counted on summed.whole_key = counted.whole_key and summed.n_values = counted.n_parts
    inner join lines on summed.whole_key = lines.line_key
    inner join figures on summed.whole_key = figures.line_key and summed.council_code = figures.council_code
    where counted.n_parts > 1 and figures.value is not null

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name,
    {{ no_finding_columns(['figure_id']) }}
from checks
left join releases on checks.release_id = releases.release_id
