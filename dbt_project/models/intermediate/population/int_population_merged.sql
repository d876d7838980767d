-- Population of councils that are gone, in files that have only their successors: the sum of those, once all are there.
with

changes as (

    select * from {{ ref('council_change') }}

),

council_years as (

    select * from {{ ref('int_population_year') }}

),

direct as (

    select * from {{ ref('int_population_of_area') }}

),

predecessors as (

    select new_council_code, count(distinct old_council_code) as n_predecessors
    from changes
    group by new_council_code

),

-- Councils whose successors took in no other area: their successors add up to them exactly. Bournemouth, Poole and
-- Dorset do not, as Christchurch moved between them.
successors as (

    select
        changes.old_council_code,
        changes.new_council_code
    from changes
    inner join predecessors on changes.new_council_code = predecessors.new_council_code
    where predecessors.n_predecessors = 1 and changes.old_council_code <> changes.new_council_code

),

gone as (

    select
        changes.old_council_code,
        count(distinct changes.new_council_code) as n_successors
    from changes
    where
        changes.old_council_code not in (
            select whole.old_council_code
            from changes as whole
            inner join predecessors on whole.new_council_code = predecessors.new_council_code
            where predecessors.n_predecessors > 1 or whole.old_council_code = whole.new_council_code
        )
    group by changes.old_council_code

)

select
    direct.source_id,
    direct.layout,
    direct.precedence,
    direct.mid_year,
    gone.old_council_code as council_code,
    direct.age_band,
    sum(direct.people) as people,
    -- A sum of estimates is an estimate too, and is marked as one.
    case
        when min(direct.status) = 'published' and max(direct.status) = 'published' then 'derived_by_merge'
        else 'estimated'
    end as status,
    max(direct.{{ adapter.quote('precision') }}) as {{ adapter.quote('precision') }},
    max(direct.source) as source
from gone
inner join successors on gone.old_council_code = successors.old_council_code
inner join direct on successors.new_council_code = direct.council_code
inner join council_years
    on gone.old_council_code = council_years.council_code and direct.mid_year = council_years.mid_year
left join direct as printed
    on
        direct.source_id = printed.source_id
        and gone.old_council_code = printed.council_code
        and direct.mid_year = printed.mid_year
        and direct.age_band = printed.age_band
where printed.council_code is null
group by
    direct.source_id, direct.layout, direct.precedence, direct.mid_year, gone.old_council_code, gone.n_successors,
    direct.age_band
having count(*) = gone.n_successors
