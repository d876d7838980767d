-- The median unit cost in England, which the peer rules compare with. From the release itself where it holds all of
-- England, else from the compiled England statistics, so that an extract of a few councils is checked as the whole file
-- would be.
with

figures as (

    select * from {{ ref('int_unit_cost') }} where value > 0

),

compiled as (

    select * from {{ ref('england_unit_cost') }}

),

from_release as (

    select
        release_id,
        measure_id,
        definition_version,
        count(*) as n_councils,
        {{ median('value') }} as median_value,
        cast(null as {{ dbt.type_string() }}) as source
    from figures
    where coverage = 'england'
    group by release_id, measure_id, definition_version

),

from_compiled as (

    select distinct
        figures.release_id,
        figures.measure_id,
        figures.definition_version,
        compiled.n_councils,
        compiled.median_unit_cost_gbp as median_value,
        compiled.source
    from figures
    inner join compiled
        on
            figures.collection = compiled.collection
            and figures.financial_year = compiled.financial_year
            and figures.line = compiled.line
    where figures.coverage <> 'england'

)

select * from from_release
union all
select * from from_compiled
