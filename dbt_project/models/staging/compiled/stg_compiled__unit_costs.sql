{{ return_cells('carequartile_unit_costs', row=['financial_year', 'area_kind', 'council_code', 'line', 'component']) }}
