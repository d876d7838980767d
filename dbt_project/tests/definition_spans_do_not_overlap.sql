-- A measure in two definition versions in one year would be two series.
select
    one.collection,
    one.family,
    one.client_group,
    one.from_year
from {{ ref('definition') }} as one
inner join {{ ref('definition') }} as other
    on
        one.collection = other.collection
        and one.family = other.family
        and coalesce(one.client_group, '') = coalesce(other.client_group, '')
        and one.from_year <= other.to_year
        and one.to_year >= other.from_year
group by one.collection, one.family, one.client_group, one.from_year
-- Every span overlaps itself.
having count(*) > 1
