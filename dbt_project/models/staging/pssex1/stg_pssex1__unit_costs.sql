{{ return_cells(
    'pssex1_unit_costs',
    row=['area_kind', 'council_code'], column=['line', 'component'], sheet=['financial_year']
) }}
