{{ register_rows('lower_tier_lookup', ['ltla23_code', 'ltla23_name', 'utla23_code', 'utla23_name']) }}
