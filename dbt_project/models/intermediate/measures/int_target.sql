-- The given target of a council, measure and year. The user's own takes precedence over a shipped one, one for the
-- council over one for all, and the one received last over earlier ones.
with

files as (

    select * from {{ ref('stg_returns__source_file') }} where is_loaded

),

own as (

    select
        targets.measure_id,
        targets.council_code,
        targets.financial_year,
        targets.target_value,
        targets.because,
        0 as is_shipped,
        files.received_at,
        targets.source_id
    from {{ ref('stg_register__targets') }} as targets
    inner join files on targets.source_id = files.source_id

),

shipped as (

    select * from {{ ref('target') }}

),

councils as (

    select * from {{ ref('int_council_year') }}

),

targets as (

    select measure_id, council_code, financial_year, target_value, because, is_shipped, received_at, source_id
    from own
    union all
    select
        measure_id, council_code, financial_year, target_value, because,
        1 as is_shipped,
        cast(null as timestamp) as received_at,
        'shipped' as source_id
    from shipped

),

ranked as (

    select
        targets.measure_id,
        councils.council_code,
        targets.financial_year,
        targets.target_value,
        targets.because,
        row_number() over (
            partition by targets.measure_id, councils.council_code, targets.financial_year
            order by
                targets.is_shipped,
                case when targets.council_code = '*' then 1 else 0 end,
                targets.received_at desc,
                targets.source_id
        ) as rank_of_target
    from targets
    inner join councils
        on
            targets.financial_year = councils.financial_year
            and (targets.council_code = '*' or targets.council_code = councils.council_code)

)

select
    measure_id,
    council_code,
    financial_year,
    target_value,
    because
from ranked
where rank_of_target = 1
