{{ register_rows('carequartile_target', ['measure_id', 'council_code', 'financial_year', 'target_value', 'because']) }}
