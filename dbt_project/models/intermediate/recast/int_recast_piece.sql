-- What of an old council's spending goes to a new one. The whole of it is exact. Of a part the spending is not known:
-- it is bounded by what its residents and those of the rest can cost (the method of bounds, Duncan and Davis 1953),
-- where no part of a council is further from it than nine tenths of England's councils are from England's median.
with

pieces as (

    select * from {{ ref('int_footprint') }}

),

council_years as (

    select council_code, financial_year, council from {{ ref('int_council_year') }}

),

-- A footprint is of the years in which all of its old councils existed.
old_councils as (

    select distinct footprint, old_council_code from pieces

),

counted as (

    select footprint, count(*) as n_old from old_councils group by footprint

),

years as (

    select old_councils.footprint, council_years.financial_year
    from old_councils
    inner join counted on old_councils.footprint = counted.footprint
    inner join council_years on old_councils.old_council_code = council_years.council_code
    group by old_councils.footprint, council_years.financial_year
    having count(*) = max(counted.n_old)

),

headlines as (

    select replace(measure_id, '_per_head', '') as measure_id
    from {{ ref('believed_measure') }}
    where measure_id like '%_expenditure_per_head'

),

measures as (

    select measure_id, definition_version, age_band from {{ ref('dim_measure') }}

),

figures as (

    select council_code, financial_year, measure_id, definition_version, value, ruled_value, verdict
    from {{ ref('fct_figure') }}
    where is_current
    union all
    select council_code, financial_year, measure_id, definition_version, value, ruled_value, verdict
    from {{ ref('fct_derived_figure') }}

),

spending as (

    select
        figures.council_code,
        figures.financial_year,
        figures.measure_id,
        figures.definition_version,
        measures.age_band,
        figures.ruled_value as spend,
        case
            when figures.value is null then 'no figure'
            when figures.ruled_value is null then concat('a figure that is flagged (', figures.verdict, ')')
        end as why_not
    from figures
    inner join headlines on figures.measure_id = headlines.measure_id
    inner join measures
        on figures.measure_id = measures.measure_id and figures.definition_version = measures.definition_version

),

population as (

    select council_code, age_band, financial_year as resident_year, people
    from {{ ref('int_population') }}
    where is_current and people > 0

),

-- Of two mid-years equally near the earlier one.
nearest as (

    select
        spending.council_code,
        spending.financial_year,
        spending.measure_id,
        spending.definition_version,
        population.people as residents,
        population.resident_year,
        row_number() over (
            partition by
                spending.council_code, spending.financial_year, spending.measure_id, spending.definition_version
            order by
                abs(
                    cast(substr(spending.financial_year, 1, 4) as integer)
                    - cast(substr(population.resident_year, 1, 4) as integer)
                ),
                population.resident_year
        ) as place
    from spending
    inner join population
        on spending.council_code = population.council_code and spending.age_band = population.age_band

),

spent as (

    select spending.*, nearest.residents, nearest.resident_year
    from spending
    left join nearest
        on
            spending.council_code = nearest.council_code
            and spending.financial_year = nearest.financial_year
            and spending.measure_id = nearest.measure_id
            and spending.definition_version = nearest.definition_version
            and nearest.place = 1

),

england as (

    select
        financial_year,
        measure_id,
        definition_version,
        {{ percentile('cast(spend as double) / residents', 0.05) }} as lowest_per_head,
        {{ median('cast(spend as double) / residents') }} as median_per_head,
        {{ percentile('cast(spend as double) / residents', 0.95) }} as highest_per_head
    from spent
    where spend is not null and residents is not null
    group by financial_year, measure_id, definition_version

),

asked as (

    select distinct years.footprint, spent.financial_year, spent.measure_id, spent.definition_version
    from years
    inner join old_councils on years.footprint = old_councils.footprint
    inner join spent
        on old_councils.old_council_code = spent.council_code and years.financial_year = spent.financial_year

)

select
    pieces.footprint,
    pieces.new_council,
    pieces.old_council_code,
    council_years.council as old_council,
    pieces.share,
    pieces.shares_of_old,
    asked.financial_year,
    asked.measure_id,
    asked.definition_version,
    spent.spend,
    spent.residents,
    spent.resident_year,
    cast({{ ratio('england.lowest_per_head', 'england.median_per_head') }} as {{ type_rate() }}) as lowest_ratio,
    cast({{ ratio('england.highest_per_head', 'england.median_per_head') }} as {{ type_rate() }}) as highest_ratio,
    case
        when abs(pieces.shares_of_old - 1) > 0.0005 then 'shares that do not add up to 1'
        when spent.council_code is null then 'no figure'
        when spent.why_not is not null then spent.why_not
        when pieces.share < 1 and spent.residents is null then 'no residents'
        when pieces.share < 1 and spent.spend <= 0 then 'spending of zero or below'
        when pieces.share < 1 and england.median_per_head <= 0 then 'spending of zero or below in most of England'
    end as why_not
from asked
inner join pieces on asked.footprint = pieces.footprint
inner join council_years
    on pieces.old_council_code = council_years.council_code and asked.financial_year = council_years.financial_year
left join spent
    on
        pieces.old_council_code = spent.council_code
        and asked.financial_year = spent.financial_year
        and asked.measure_id = spent.measure_id
        and asked.definition_version = spent.definition_version
left join england
    on
        asked.financial_year = england.financial_year
        and asked.measure_id = england.measure_id
        and asked.definition_version = england.definition_version
