{{ return_cells(
    'ascfr_2014_15_unit_costs',
    row=['line', 'component'], column=['area_kind', 'council_code'], sheet=['financial_year']
) }}
