-- The lines that belong to one account: the accounting columns of one client group, age, service and release.
select
    line_key,
    release_id,
    financial_year,
    quantity,
    measure_id,
    is_voluntary,
    dense_rank() over (
        order by release_id, client, coalesce(age_band, ''), coalesce(service, ''), provision
    ) as account_key
from {{ ref('int_line') }}
where role = 'value' and is_composed and family in ('expenditure', 'outturn') and provision = 'all'
