-- A comparator that held the council itself would pull every variance towards zero.
select peer_set, version, council_code
from {{ ref('dim_peer_set') }}
where peer_code = council_code
