-- A figure has a value or the reason why not, never both and never neither, and its verdict says missing accordingly.
select figure_id
from {{ ref('fct_figure') }}
where
    (value is null and missing_reason is null)
    or (value is not null and missing_reason is not null)
    or (value is null and verdict <> 'missing')
    or (value is not null and verdict = 'missing')
