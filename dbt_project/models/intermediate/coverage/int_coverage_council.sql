-- Every council in every year of a loaded return or snapshot, whether there was such a council then or not: a question
-- about Cumberland in 2017-18 is answered by what Cumberland was made of.
with

years as (

    select financial_year from {{ ref('dim_release') }}
    union
    select financial_year from {{ ref('int_snapshot') }}

),

-- A return of England alone has no councils.
council_years as (

    select distinct council_code, financial_year
    from {{ ref('fct_figure') }}

),

loaded as (

    select distinct financial_year from council_years

),

councils as (

    select
        council_code,
        max(council) as council,
        min(valid_from) as first_day,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as last_day
    from {{ ref('dim_council') }}
    group by council_code

),

predecessors as (

    select new_council_code as council_code, {{ joined_list('old_council') }} as councils
    from {{ ref('dim_council_change') }}
    where old_council_code <> new_council_code
    group by new_council_code

),

successors as (

    select old_council_code as council_code, {{ joined_list('new_council') }} as councils
    from {{ ref('dim_council_change') }}
    where old_council_code <> new_council_code
    group by old_council_code

),

dated as (

    select
        councils.*,
        years.financial_year,
        cast(
            concat(cast(cast(substr(years.financial_year, 1, 4) as integer) + 1 as {{ dbt.type_string() }}), '-03-31')
            as date
        ) as year_ends_on
    from councils
    cross join years

)

select
    dated.council_code,
    dated.council,
    dated.financial_year,
    loaded.financial_year is not null as has_returns_of_councils,
    dated.year_ends_on between dated.first_day and dated.last_day as is_council,
    case
        when dated.year_ends_on < dated.first_day and predecessors.councils is not null
            then concat(
                dated.council, ' was created on ', cast(dated.first_day as {{ dbt.type_string() }}), ' out of ',
                predecessors.councils, ': ask for what it was before.'
            )
        when dated.year_ends_on > dated.last_day and successors.councils is not null
            then concat(
                dated.council, ' ended on ', cast(dated.last_day as {{ dbt.type_string() }}), ' and became ',
                successors.councils, ': ask for that.'
            )
        else concat('The list of councils does not have ', dated.council, ' in ', dated.financial_year, '.')
    end as why_no_council
from dated
left join loaded on dated.financial_year = loaded.financial_year
left join predecessors on dated.council_code = predecessors.council_code
left join successors on dated.council_code = successors.council_code
