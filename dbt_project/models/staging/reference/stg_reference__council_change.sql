{{ register_rows(
    'council_change',
    ['effective_date', 'old_cssr', 'old_name', 'old_ons', 'new_cssr', 'new_name', 'new_ons', 'change']
) }}
