{{ register_rows('council_reference', ['snapshot_fy', 'cssr_code', 'ons_code', 'name', 'region', 'class']) }}
