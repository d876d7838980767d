with

figures as (

    select * from {{ ref('int_programme_figure') }}

),

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

)

select
    figures.printed_id,
    figures.programme,
    figures.document,
    figures.section,
    figures.council_code,
    coalesce(councils.council, figures.council_printed) as council,
    figures.council_printed,
    figures.measure,
    figures.value,
    figures.unit,
    figures.period,
    figures.as_printed
from figures
left join councils on figures.council_code = councils.council_code
