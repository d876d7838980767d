select
    rule_id,
    gate,
    severity,
    good,
    because,
    from_year,
    to_year,
    low,
    high,
    history
from {{ source('gate', 'rule') }}
