-- Deflators of two vintages must not be mixed, so all years of the current deflator come from one file.
with

published as (

    select * from {{ ref('stg_reference__gdp_deflator_published') }}

),

tidy as (

    select * from {{ ref('stg_reference__gdp_deflator_tidy') }}

),

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

years as (

    select source_id, financial_year, deflator, base_year, published_on, 1 as precedence
    from published
    where deflator is not null
    union all
    select source_id, financial_year, deflator, base_year, cast(null as date) as published_on, 2 as precedence
    from tidy
    where deflator is not null

),

ranked as (

    select
        years.source_id,
        row_number() over (
            order by
                min(years.precedence), max(years.published_on) desc nulls last, max(files.received_at) desc,
                years.source_id
        ) as rank_of_file
    from years
    inner join files on years.source_id = files.source_id
    group by years.source_id

)

select
    years.financial_year,
    years.deflator,
    years.base_year,
    case substr(cast(years.published_on as {{ dbt.type_string() }}), 6, 2)
        {%- for month in [
            'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
            'December'
        ] %}
        when '{{ '%02d' | format(loop.index) }}'
            then concat('{{ month }} ', substr(cast(years.published_on as {{ dbt.type_string() }}), 1, 4))
        {%- endfor %}
    end as vintage,
    years.published_on,
    ranked.rank_of_file = 1 as is_current,
    files.file_name,
    files.sha256
from years
inner join ranked on years.source_id = ranked.source_id
inner join files on years.source_id = files.source_id
