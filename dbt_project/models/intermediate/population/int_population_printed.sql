-- Population by ONS area and age band from every file that has it, as printed or added up from single years of age.
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

compiled as (

    select * from {{ ref('stg_reference__population_bands') }}

),

by_upper_tier as (

    select * from {{ ref('stg_reference__population_utla') }}

),

single_years as (

    select * from {{ ref('stg_reference__ons_mid_year') }}

),

bands as (
    {%- for band, first_age, last_age in bands %}

    select '{{ band }}' as age_band, {{ first_age }} as first_age, {{ last_age }} as last_age
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

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
