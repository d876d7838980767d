{{ register_rows(
    'population_utla',
    [
        'mid_year', 'ons_code', 'name', 'pop_all_ages', 'pop_18_plus', 'pop_18_64', 'pop_65_plus', 'pop_65_74', 'pop_75_84',
        'pop_85_plus'
    ]
) }}
