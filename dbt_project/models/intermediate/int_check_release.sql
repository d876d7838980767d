-- What gate A asks of a release as a whole: are all councils there, once, and is every line known?
with

releases as (

    select * from {{ source('raw', 'release') }}

),

files as (

    select source_id, min(file_name) as file_name
    from {{ source('raw', 'source_file') }}
    where status = 'loaded'
    group by source_id

),

lines as (

    select * from {{ ref('int_return_line') }} where area_kind = 'council'

),

figures as (

    select * from {{ ref('int_figure') }}

),

controls as (

    select * from {{ ref('council_control') }}

),

printed as (

    select
        release_id,
        count(distinct council_code) as n_councils,
        count(*) as n_lines_printed,
        sum(case when n_cells <> 3 then 1 else 0 end) as n_lines_not_printed_once
    from lines
    group by release_id

),

derived as (

    select
        release_id,
        count(*) as n_figures,
        count(*) - count(distinct figure_id) as n_doubled_figures,
        sum(case when council is null then 1 else 0 end) as n_figures_without_council,
        count(value) as n_values
    from figures
    group by release_id

)

select
    releases.release_id,
    releases.collection,
    releases.financial_year,
    releases.coverage,
    releases.status as release_status,
    files.file_name,
    printed.n_councils,
    case when releases.coverage = 'england' then controls.n_councils end as expected_councils,
    case when releases.coverage = 'england' then printed.n_councils - controls.n_councils end as councils_difference,
    printed.n_lines_not_printed_once + derived.n_doubled_figures as n_not_once,
    printed.n_lines_printed - derived.n_figures as n_lines_without_measure,
    derived.n_figures_without_council,
    derived.n_figures,
    derived.n_values,
    case when releases.status = 'provisional' then 1 else 0 end as is_provisional
from releases
left join files on releases.source_id = files.source_id
left join printed on releases.release_id = printed.release_id
left join derived on releases.release_id = derived.release_id
left join controls on releases.financial_year between controls.from_year and controls.to_year
