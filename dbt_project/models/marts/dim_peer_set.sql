select distinct
    peer_set,
    version,
    council_code,
    peer_code,
    peer_rank
from {{ ref('int_peer') }}
