{{ register_rows('carequartile_move_risk_tier', [
    'move_risk', 'label', 'council_code', 'from_date', 'share_of_people', 'because'
]) }}
