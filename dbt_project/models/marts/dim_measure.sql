select
    measure_id,
    definition_version,
    label,
    unit,
    polarity,
    client_group,
    age_band,
    service,
    provision,
    denominator_unit,
    is_net_of_income,
    family,
    quantity,
    is_leaf,
    comparable_from,
    comparable_to
from {{ ref('int_measure') }}
