{{ register_rows(
    'programme_saving',
    [
        'section_no', 'council', 'theme', 'description', 'amount_gbp', 'period', 'status', 'as_printed', 'scope',
        'amount_basis', 'note', 'qualifier'
    ]
) }}
