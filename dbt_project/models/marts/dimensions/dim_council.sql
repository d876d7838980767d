select
    council_code,
    ons_code,
    council,
    class,
    region,
    valid_from,
    valid_to
from {{ ref('council') }}
