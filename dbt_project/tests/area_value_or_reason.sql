-- England and the regions, which no rule checks, have a value or a reason why not, as the figures of councils do.
select
    release_id,
    measure_id,
    area
from {{ ref('fct_area_figure') }}
where
    (value is null and missing_reason is null)
    or (value is not null and missing_reason is not null)
