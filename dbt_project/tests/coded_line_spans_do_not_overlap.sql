-- A code that means two lines in one year would put its money into both.
select
    one.collection,
    one.line,
    one.from_year
from {{ ref('coded_line') }} as one
inner join {{ ref('coded_line') }} as other
    on
        one.collection = other.collection
        and one.line = other.line
        and one.from_year <= other.to_year
        and one.to_year >= other.from_year
group by one.collection, one.line, one.from_year
-- Every span overlaps itself.
having count(*) > 1
