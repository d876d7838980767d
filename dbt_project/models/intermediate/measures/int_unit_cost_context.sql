-- Each unit cost with what it is compared with: its parts, England, the same service bought the other way, the year
-- before, and other client groups that print the same denominator.
with

figures as (

    select * from {{ ref('int_unit_cost') }}

),

recomputed as (

    select * from {{ ref('int_unit_cost_recomputed') }}

),

england as (

    select * from {{ ref('int_england_statistic') }}

),

parameters as (

    {{ parameter('fewest_peers', 'integer') }}

),

-- The same service bought the other way: own provision next to provision by others.
siblings as (

    select
        figures.figure_id,
        other.figure_id as sibling_figure_id,
        other.value as sibling_value
    from figures
    inner join figures as other
        on
            figures.release_id = other.release_id
            and figures.council_code = other.council_code
            and figures.client_group = other.client_group
            and figures.age_band = other.age_band
            and figures.service = other.service
            and figures.provision in ('own', 'others')
            and other.provision in ('own', 'others')
            and figures.provision <> other.provision
    where other.value > 0

),

previous as (

    select
        council_code,
        measure_id,
        definition_version,
        value,
        concat(
            cast(cast(substr(financial_year, 1, 4) as integer) + 1 as {{ dbt.type_string() }}), '-',
            substr(cast(cast(substr(financial_year, 1, 4) as integer) + 102 as {{ dbt.type_string() }}), 3, 2)
        ) as next_year
    from figures
    where is_current and value > 0

),

twins as (

    select
        figures.figure_id,
        count(*) as n_client_groups_with_same_denominator
    from figures
    inner join figures as other
        on
            figures.release_id = other.release_id
            and figures.council_code = other.council_code
            and figures.service = other.service
            and figures.denominator_printed = other.denominator_printed
            and figures.client_group <> other.client_group
    where
        figures.provision = 'all'
        and other.provision = 'all'
        and figures.client_group <> 'All adults and older people'
        and other.client_group <> 'All adults and older people'
        -- Small rounded counts agree by chance; a hundred people, or a hundred weeks counted one by one, do not.
        and figures.denominator
        >= case figures.denominator_unit when 'client-weeks' then 100 * figures.weeks_per_year else 100 end
    group by figures.figure_id

),

-- Definition versions of the same measure that ended the year before this figure's year.
breaks as (

    select
        measures.measure_id,
        measures.definition_version,
        measures.comparable_from,
        count(earlier.definition_version) as n_earlier_versions
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure') }} as earlier
        on measures.measure_id = earlier.measure_id and measures.comparable_from > earlier.comparable_to
    group by measures.measure_id, measures.definition_version, measures.comparable_from

)

select
    figures.figure_id,
    figures.release_id,
    figures.collection,
    figures.coverage,
    figures.release_status,
    figures.is_current,
    figures.financial_year,
    figures.council_code,
    figures.council,
    figures.line,
    figures.has_parts,
    figures.is_voluntary,
    figures.measure_id,
    figures.definition_version,
    figures.client_group,
    figures.service,
    figures.provision,
    figures.denominator_unit,
    figures.value,
    figures.value_printed,
    figures.missing_reason,
    figures.numerator,
    figures.denominator,
    figures.unit_cost_row,
    figures.unit_cost_column,
    figures.denominator_half_step,
    figures.weeks_per_year,
    figures.is_flagged_by_publisher,
    coalesce(breaks.n_earlier_versions, 0) as n_earlier_versions,
    recomputed.recomputed_value,
    recomputed.recomputed_low,
    recomputed.recomputed_high,
    recomputed.recompute_gap_gbp,
    recomputed.denominator_factor,
    recomputed.believed_denominator,
    england.n_councils as england_n,
    england.n_councils >= parameters.fewest_peers as has_enough_peers,
    england.median_value as england_median,
    siblings.sibling_value,
    siblings.sibling_figure_id,
    previous.value as previous_value,
    coalesce(twins.n_client_groups_with_same_denominator, 0) as n_same_denominators
from figures
cross join parameters
inner join recomputed on figures.figure_id = recomputed.figure_id
left join england
    on
        figures.release_id = england.release_id
        and figures.measure_id = england.measure_id
        and figures.definition_version = england.definition_version
left join siblings on figures.figure_id = siblings.figure_id
left join previous
    on
        figures.council_code = previous.council_code
        and figures.measure_id = previous.measure_id
        and figures.definition_version = previous.definition_version
        and figures.financial_year = previous.next_year
left join twins on figures.figure_id = twins.figure_id
left join breaks
    on
        figures.measure_id = breaks.measure_id
        and figures.definition_version = breaks.definition_version
        and figures.financial_year = breaks.comparable_from
