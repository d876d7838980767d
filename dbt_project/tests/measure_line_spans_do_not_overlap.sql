-- A line that is two measures in one year would put its money into both.
select
    one.collection,
    one.line,
    one.from_year
from {{ ref('measure_line') }} as one
inner join {{ ref('measure_line') }} as other
    on
        one.collection = other.collection
        and one.line = other.line
        and one.from_year <= other.to_year
        and one.to_year >= other.from_year
        and (one.from_year <> other.from_year or one.measure_id <> other.measure_id)
