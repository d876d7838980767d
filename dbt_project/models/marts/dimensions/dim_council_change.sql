-- Which councils were merged, split or given a new code. The parts of a merger add up exactly; a split has no
-- back-series.
with

changes as (

    select * from {{ ref('council_change') }}

),

councils as (

    select * from {{ ref('dim_council') }}

)

select
    changes.effective_on,
    changes.old_council_code,
    predecessors.council as old_council,
    predecessors.ons_code as old_ons_code,
    changes.new_council_code,
    successors.council as new_council,
    successors.ons_code as new_ons_code,
    changes.change
from changes
inner join councils as predecessors
    on
        changes.old_council_code = predecessors.council_code
        and changes.effective_on = {{ dbt.dateadd('day', 1, 'predecessors.valid_to') }}
inner join councils as successors
    on changes.new_council_code = successors.council_code and changes.effective_on = successors.valid_from
