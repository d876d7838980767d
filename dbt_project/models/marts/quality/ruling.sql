select
    measure_id,
    council_code,
    financial_year,
    ruling,
    ruled_by as {{ adapter.quote('by') }},
    ruled_on as {{ adapter.quote('on') }},
    reason,
    corrected_value
from {{ ref('int_ruling') }}
