{{ register_rows('carequartile_peer_set', ['peer_set', 'version', 'council_code', 'peer_code', 'peer_rank']) }}
