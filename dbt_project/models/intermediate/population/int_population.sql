-- Population by council from every file that has it, and which row to use. Where a file has only the later councils, an
-- earlier council is the sum of its successors; no later council's number is ever divided among earlier ones.
{%- set bands = [
    ('All ages', 0, 90), ('Under 18', 0, 17), ('18 to 24', 18, 24), ('18 to 64', 18, 64), ('18 and over', 18, 90),
    ('65 and over', 65, 90), ('65 to 74', 65, 74), ('75 to 84', 75, 84), ('85 and over', 85, 90)
] %}
{%- set compiled = {
    'All ages': 'pop_all_ages', 'Under 18': 'pop_0_17', '18 to 24': 'pop_18_24', '18 to 64': 'pop_18_64',
    '18 and over': '', '65 and over': 'pop_65_plus', '65 to 74': 'pop_65_74', '75 to 84': 'pop_75_84',
    '85 and over': 'pop_85_plus'
} %}
{%- set by_upper_tier = {
    'All ages': 'pop_all_ages', '18 to 64': 'pop_18_64', '18 and over': 'pop_18_plus', '65 and over': 'pop_65_plus',
    '65 to 74': 'pop_65_74', '75 to 84': 'pop_75_84', '85 and over': 'pop_85_plus'
} %}
with

councils as (

    select * from {{ ref('council') }}

),

changes as (

    select * from {{ ref('council_change') }}

),

census as (

    select * from {{ ref('england_population') }}

),

compiled as (

    select * from {{ ref('stg_reference__population_bands') }}

),

by_upper_tier as (

    select * from {{ ref('stg_reference__population_utla') }}

),

single_years as (

    select * from {{ ref('stg_reference__ons_mid_year') }}

),

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

bands as (
    {%- for band, first_age, last_age in bands %}

    select '{{ band }}' as age_band, {{ first_age }} as first_age, {{ last_age }} as last_age
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

people as (

    select
        single_years.source_id,
        'ons_mid_year' as layout,
        1 as precedence,
        single_years.mid_year,
        single_years.ons_code,
        bands.age_band,
        sum(single_years.people) as people,
        'published' as status,
        'exact' as {{ adapter.quote('precision') }},
        'ONS mid-year population estimates, as published' as source
    from single_years
    inner join bands on single_years.age between bands.first_age and bands.last_age
    group by single_years.source_id, single_years.mid_year, single_years.ons_code, bands.age_band
    {%- for band, column in compiled.items() %}
    union all
    select
        source_id,
        'population_bands' as layout,
        2 as precedence,
        mid_year,
        ons_code,
        '{{ band }}' as age_band,
        {%- if column %}
        {{ column }} as people,
        {%- else %}
        pop_18_64 + pop_65_plus as people,
        {%- endif %}
        status,
        {{ adapter.quote('precision') }},
        source
    from compiled
    {%- endfor %}
    {%- for band, column in by_upper_tier.items() %}
    union all
    select
        source_id,
        'population_utla' as layout,
        3 as precedence,
        mid_year,
        ons_code,
        '{{ band }}' as age_band,
        {{ column }} as people,
        'published' as status,
        'exact' as {{ adapter.quote('precision') }},
        'ONS mid-year population estimates, compiled by upper tier' as source
    from by_upper_tier
    {%- endfor %}

),

years as (

    select distinct
        mid_year,
        cast(concat(cast(mid_year + 1 as {{ dbt.type_string() }}), '-03-31') as date) as last_day
    from people

),

-- The councils that existed in the financial year that begins in the mid-year.
council_years as (

    select distinct
        years.mid_year,
        councils.council_code
    from years
    inner join councils
        on
            years.last_day >= councils.valid_from
            and (councils.valid_to is null or years.last_day <= councils.valid_to)

),

-- Councils that kept their code and lost land and people: their ONS code says which area a number covers.
redrawn as (

    select old_council_code as council_code, effective_on
    from changes
    where old_council_code = new_council_code and change <> 'recode'

),

direct as (

    select
        people.*,
        councils.council_code,
        0 as is_derived,
        case
            when council_years.council_code is null then false
            when redrawn.council_code is not null then false
            else true
        end as is_area_of_year
    from people
    inner join councils on people.ons_code = councils.ons_code
    inner join years on people.mid_year = years.mid_year
    left join council_years
        on councils.council_code = council_years.council_code and people.mid_year = council_years.mid_year
    left join redrawn
        on
            councils.council_code = redrawn.council_code
            and (
                (years.last_day < redrawn.effective_on and councils.valid_from >= redrawn.effective_on)
                or (years.last_day >= redrawn.effective_on and councils.valid_from < redrawn.effective_on)
            )
    where people.people is not null

),

predecessors as (

    select new_council_code, count(distinct old_council_code) as n_predecessors
    from changes
    group by new_council_code

),

-- Councils whose successors took in no other area: their successors add up to them exactly. Bournemouth, Poole and
-- Dorset do not, as Christchurch moved between them.
successors as (

    select
        changes.old_council_code,
        changes.new_council_code
    from changes
    inner join predecessors on changes.new_council_code = predecessors.new_council_code
    where predecessors.n_predecessors = 1 and changes.old_council_code <> changes.new_council_code

),

gone as (

    select
        changes.old_council_code,
        count(distinct changes.new_council_code) as n_successors
    from changes
    where
        changes.old_council_code not in (
            select whole.old_council_code
            from changes as whole
            inner join predecessors on whole.new_council_code = predecessors.new_council_code
            where predecessors.n_predecessors > 1 or whole.old_council_code = whole.new_council_code
        )
    group by changes.old_council_code

),

derived as (

    select
        direct.source_id,
        direct.layout,
        direct.precedence,
        direct.mid_year,
        gone.old_council_code as council_code,
        direct.age_band,
        sum(direct.people) as people,
        -- A sum of estimates is an estimate too, and is marked as one.
        case
            when min(direct.status) = 'published' and max(direct.status) = 'published' then 'derived_by_merge'
            else 'estimated'
        end as status,
        max(direct.{{ adapter.quote('precision') }}) as {{ adapter.quote('precision') }},
        max(direct.source) as source
    from gone
    inner join successors on gone.old_council_code = successors.old_council_code
    inner join direct on successors.new_council_code = direct.council_code
    inner join council_years
        on gone.old_council_code = council_years.council_code and direct.mid_year = council_years.mid_year
    left join direct as printed
        on
            direct.source_id = printed.source_id
            and gone.old_council_code = printed.council_code
            and direct.mid_year = printed.mid_year
            and direct.age_band = printed.age_band
    where printed.council_code is null
    group by
        direct.source_id, direct.layout, direct.precedence, direct.mid_year, gone.old_council_code, gone.n_successors,
        direct.age_band
    having count(*) = gone.n_successors

),

everything as (

    select
        source_id, layout, precedence, mid_year, council_code, ons_code, age_band, people, status,
        {{ adapter.quote('precision') }}, source, is_derived, is_area_of_year
    from direct
    union all
    select
        source_id, layout, precedence, mid_year, council_code,
        cast(null as {{ dbt.type_string() }}) as ons_code,
        age_band, people, status, {{ adapter.quote('precision') }}, source, 1 as is_derived, true as is_area_of_year
    from derived

),

ranked as (

    select
        everything.*,
        -- A printed number comes before a sum, the publisher's file before an extract, then the file received last.
        row_number() over (
            partition by
                everything.council_code, everything.mid_year, everything.age_band, everything.is_area_of_year
            order by
                everything.is_derived, everything.precedence, files.received_at desc, everything.source_id,
                everything.ons_code
        ) as rank_of_file
    from everything
    inner join files on everything.source_id = files.source_id

)

select
    ranked.council_code,
    ranked.mid_year,
    concat(
        cast(ranked.mid_year as {{ dbt.type_string() }}),
        '-',
        substr(cast(ranked.mid_year + 1 as {{ dbt.type_string() }}), 3, 2)
    ) as financial_year,
    ranked.age_band,
    ranked.people,
    ranked.status,
    ranked.{{ adapter.quote('precision') }},
    census.census_base,
    ranked.source,
    ranked.layout,
    ranked.ons_code,
    ranked.is_area_of_year,
    ranked.is_area_of_year and ranked.rank_of_file = 1 as is_current,
    ranked.source_id
from ranked
left join census on ranked.mid_year = cast(census.mid_year as integer)
