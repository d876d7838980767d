-- Rulings by council: one for all councils of a measure and year is spread over them, one for a council goes before it.
with

rulings as (

    select * from {{ ref('stg_register__rulings') }}

),

councils as (

    select * from {{ ref('int_council_year') }}

),

spread as (

    select
        rulings.measure_id,
        councils.council_code,
        rulings.financial_year,
        rulings.ruling,
        {{ printed_number('rulings.corrected_value') }} as corrected_value,
        rulings.{{ adapter.quote('by') }} as ruled_by,
        cast(rulings.{{ adapter.quote('on') }} as date) as ruled_on,
        rulings.reason,
        row_number() over (
            partition by rulings.measure_id, councils.council_code, rulings.financial_year
            order by
                case when rulings.council_code = '*' then 1 else 0 end,
                rulings.{{ adapter.quote('on') }} desc,
                rulings.source_id,
                rulings.row_number
        ) as precedence
    from rulings
    inner join councils
        on
            rulings.financial_year = councils.financial_year
            and (rulings.council_code = councils.council_code or rulings.council_code = '*')

)

select
    measure_id,
    council_code,
    financial_year,
    ruling,
    corrected_value,
    ruled_by,
    ruled_on,
    reason
from spread
where precedence = 1
