-- What is missing, quarantined or unjudged has no value to compare with; everything else has one.
select figure_id
from {{ ref('fct_figure') }}
where
    (verdict in ('missing', 'quarantine', 'unjudged') and ruled_value is not null)
    or (verdict in ('pass', 'warn') and ruled_value is null)
