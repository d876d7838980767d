-- Rulings by council: one for all councils of a measure and year applies to each of them, and one for a single council
-- takes precedence.
with

-- The user's own rulings take precedence over those shipped, which are corrections that the publisher announced but
-- never put into a file.
rulings as (

    select
        measure_id,
        council_code,
        financial_year,
        ruling,
        corrected_value,
        ruled_by,
        ruled_on,
        reason,
        source_id,
        row_number,
        0 as is_shipped
    from {{ ref('stg_register__rulings') }}
    union all
    select
        measure_id,
        council_code,
        financial_year,
        ruling,
        corrected_value,
        ruled_by,
        ruled_on,
        reason,
        'published' as source_id,
        0 as row_number,
        1 as is_shipped
    from {{ ref('published_ruling') }}

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
        rulings.corrected_value,
        rulings.ruled_by,
        rulings.ruled_on,
        rulings.reason,
        row_number() over (
            partition by rulings.measure_id, councils.council_code, rulings.financial_year
            order by
                rulings.is_shipped,
                case when rulings.council_code = '*' then 1 else 0 end,
                rulings.ruled_on desc,
                rulings.source_id,
                rulings.row_number
        ) as rank_of_ruling
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
where rank_of_ruling = 1
