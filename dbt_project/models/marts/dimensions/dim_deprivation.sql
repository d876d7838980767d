-- Where an edition was landed twice, the file received last is used.
with

councils as (

    select ons_code, council_code from {{ ref('council') }}

),

upper_tier as (

    select * from {{ ref('stg_reference__deprivation_upper_tier') }}

),

lower_tier as (

    select * from {{ ref('stg_reference__deprivation_2025') }}

),

lookup as (

    select
        ltla23_code,
        max(utla23_code) as utla23_code
    from {{ ref('stg_reference__lower_tier_lookup') }}
    group by ltla23_code

),

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

statistics as (

    select source_id, area_code, area, area_code as council_ons_code, index_year, domain, statistic, value
    from upper_tier
    {%- for statistic, column in [('Average score', 'imd_average_score'), ('Average rank', 'imd_average_rank')] %}
    union all
    select
        lower_tier.source_id,
        lower_tier.ltla24_code as area_code,
        lower_tier.ltla24_name as area,
        coalesce(lookup.utla23_code, lower_tier.ltla24_code) as council_ons_code,
        2025 as index_year,
        'IMD' as domain,
        '{{ statistic }}' as statistic,
        lower_tier.{{ column }} as value
    from lower_tier
    left join lookup on lower_tier.ltla24_code = lookup.ltla23_code
    {%- endfor %}

),

ranked as (

    select
        statistics.*,
        files.file_name,
        files.sha256,
        row_number() over (
            partition by statistics.area_code, statistics.index_year, statistics.domain, statistics.statistic
            order by files.received_at desc, statistics.source_id
        ) as rank_of_file
    from statistics
    inner join files on statistics.source_id = files.source_id

)

select
    ranked.area_code,
    ranked.area,
    councils.council_code,
    case when areas.council_code is null then 'district' else 'council' end as area_kind,
    ranked.index_year,
    ranked.domain,
    ranked.statistic,
    ranked.value,
    ranked.file_name,
    ranked.sha256
from ranked
left join councils on ranked.council_ons_code = councils.ons_code
left join councils as areas on ranked.area_code = areas.ons_code
where ranked.rank_of_file = 1
