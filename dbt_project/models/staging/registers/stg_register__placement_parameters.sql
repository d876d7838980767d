{{ register_rows('carequartile_placement_parameter', [
    'parameter', 'council_code', 'client_group', 'from_date', 'number', 'because'
]) }}
