{{ register_rows('carequartile_placement_band', [
    'council_code', 'setting_group', 'from_date', 'band_order', 'band', 'low_gbp', 'high_gbp'
]) }}
