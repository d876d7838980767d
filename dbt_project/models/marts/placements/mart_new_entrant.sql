-- Where the number for all ages is suppressed, its age bands have no rows: each row would show that there is at least
-- one person in it, and so narrow down the suppressed number.
with

entrants as (

    select * from {{ ref('int_new_entrant') }}

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

bounds as (

    {{ whole_bounds() }}

),

all_ages as (

    select
        entrants.snapshot_id,
        entrants.client_group,
        entrants.setting_group,
        entrants.financial_year,
        cast(sum(entrants.people) as integer) as people,
        {{ fewest_people('sum(entrants.people)') }} as fewest,
        {{ most_people('sum(entrants.people)') }} as most,
        -- The entrants of three years are at most all people in the snapshot.
        cast(null as integer) as fewest_in_whole,
        max(bounds.most) as most_in_whole
    from entrants
    inner join bounds
        on
            entrants.snapshot_id = bounds.snapshot_id
            and entrants.client_group = bounds.client_group
            and entrants.setting_group = bounds.setting_group
    group by entrants.snapshot_id, entrants.client_group, entrants.setting_group, entrants.financial_year

),

wholes as (

    {{ hide_parts('all_ages', 'snapshot_id, client_group, setting_group', 'financial_year') }}

),

parts as (

    select
        entrants.*,
        {{ fewest_people('entrants.people') }} as fewest,
        {{ most_people('entrants.people') }} as most,
        {{ fewest_people('wholes.people') }} as fewest_in_whole,
        {{ most_people('wholes.people') }} as most_in_whole
    from entrants
    inner join wholes
        on
            entrants.snapshot_id = wholes.snapshot_id
            and entrants.client_group = wholes.client_group
            and entrants.setting_group = wholes.setting_group
            and entrants.financial_year = wholes.financial_year
    where not wholes.is_suppressed

),

ages as (

    {{ hide_parts('parts', 'snapshot_id, client_group, setting_group, financial_year', 'age_band') }}

),

cells as (

    select snapshot_id, client_group, setting_group, financial_year, 'All ages' as age_band, people, is_suppressed
    from wholes
    union all
    select snapshot_id, client_group, setting_group, financial_year, age_band, people, is_suppressed
    from ages

)

select
    snapshots.snapshot_id,
    snapshots.council_code,
    snapshots.council,
    snapshots.snapshot_date,
    cells.client_group,
    cells.financial_year,
    cells.setting_group as setting,
    cells.age_band,
    case when not cells.is_suppressed then {{ shown_people('cells.people') }} end as people,
    cells.is_suppressed,
    snapshots.is_synthetic
from cells
inner join snapshots on cells.snapshot_id = snapshots.snapshot_id
