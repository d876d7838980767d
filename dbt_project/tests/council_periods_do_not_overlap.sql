-- Two rows of a council on the same day would double each of its figures.
select
    earlier.council_code,
    earlier.valid_from,
    later.valid_from as later_valid_from
from {{ ref('dim_council') }} as earlier
inner join {{ ref('dim_council') }} as later
    on earlier.council_code = later.council_code and earlier.valid_from < later.valid_from
where earlier.valid_to is null or earlier.valid_to >= later.valid_from
