{{ register_rows('deprivation_2025', ['ltla24_code', 'ltla24_name', 'imd_average_score', 'imd_average_rank']) }}
