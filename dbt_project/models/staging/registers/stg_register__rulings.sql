{{ register_rows(
    'carequartile_ruling',
    ['measure_id', 'council_code', 'financial_year', 'ruling', 'corrected_value', 'by', 'on', 'reason']
) }}
