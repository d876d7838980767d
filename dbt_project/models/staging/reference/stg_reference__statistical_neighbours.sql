{{ register_rows(
    'statistical_neighbours',
    ['ons_code', 'name', 'rank', 'neighbour_ons_code', 'neighbour_name', 'distance']
) }}
