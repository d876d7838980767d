{{ register_rows(
    'population_bands',
    [
        'mid_year', 'ons_code', 'name', 'pop_all_ages', 'pop_0_17', 'pop_18_64', 'pop_65_plus', 'pop_18_24', 'pop_65_74',
        'pop_75_84', 'pop_85_plus', 'status', 'precision', 'source'
    ]
) }}
