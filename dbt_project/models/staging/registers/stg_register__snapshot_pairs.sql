{{ register_rows('carequartile_snapshot_pair', ['council_code', 'from_date', 'to_date']) }}
