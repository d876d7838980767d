-- Why series break: what each definition version means, and from when to when it holds.
select
    collection,
    family,
    coalesce(client_group, '') as client_group_id,
    definition_version,
    from_year as comparable_from,
    to_year as comparable_to,
    because
from {{ ref('definition') }}
