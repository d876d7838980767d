-- What gate A judges of each snapshot: faults counted by rule, what became of its codes, and its totals against those
-- of the snapshot before.
{%- set rules = [
    'placement_readable', 'person_reference_present', 'placement_code_known', 'placement_age_possible',
    'placement_not_negative', 'placement_price_weekly', 'placement_dates_in_order', 'placement_consistent',
    'placement_once'
] %}
with

lines as (

    select
        snapshot_id,
        count(*) as n_rows,
        {%- for rule in rules %}
        cast(sum(case rejected_by when '{{ rule }}' then 1 else 0 end) as integer)
            as {{ rule | replace('placement_', '') | replace('_present', '') }}_rows,
        {%- endfor %}
        cast(sum(
            case
                when rejected_by is null and is_current and nhs_share_kind is not null and nhs_share_weekly_gbp is null
                    then 1
                else 0
            end
        ) as integer) as nhs_without_gbp_rows,
        100.0 * sum(case when rejected_by is not null then 1 else 0 end) / count(*) as rejected_pct,
        100.0 * sum(case when has_unmapped then 1 else 0 end) / count(*) as unmapped_pct
    from {{ ref('int_placement_line') }}
    group by snapshot_id

),

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

totals as (

    select snapshot_id, sum(people) as people, sum(weekly_gbp) as weekly_gbp
    from {{ ref('int_package_group') }}
    group by snapshot_id

),

-- Bands of the user's own may leave a gap, or overlap.
banded as (

    select snapshot_id, sum(people) as people
    from {{ ref('int_package_band') }}
    group by snapshot_id

),

-- Of those who were there before, how many are there again: references written in another way are other people.
continued as (

    select
        to_snapshot_id as snapshot_id,
        from_snapshot_id,
        100.0 * sum(case when change not in ('starter', 'leaver') then people else 0 end)
        / nullif(sum(case when change <> 'starter' then people else 0 end), 0) as continuing_pct
    from {{ ref('int_placement_drift') }}
    group by to_snapshot_id, from_snapshot_id

),

like_persons as (

    select * from {{ ref('int_provider_like_person') }}

),

allowed as (

    select snapshot_id, max(change_pct) as change_pct
    from {{ ref('int_placement_threshold') }}
    group by snapshot_id

)

select
    snapshots.snapshot_id as release_id,
    snapshots.file_name,
    snapshots.council_code,
    snapshots.council,
    snapshots.financial_year,
    snapshots.snapshot_date,
    lines.n_rows,
    {%- for rule in rules %}
    lines.{{ rule | replace('placement_', '') | replace('_present', '') }}_rows,
    {%- endfor %}
    lines.nhs_without_gbp_rows,
    coalesce(like_persons.n_providers, 0) as providers_like_persons,
    lines.rejected_pct,
    lines.unmapped_pct,
    coalesce(totals.people, 0) as people,
    coalesce(banded.people, 0) - coalesce(totals.people, 0) as people_beside_bands,
    cast({{ dbt.datediff('snapshots.received_at', 'snapshots.snapshot_date', 'day') }} as integer) as days_ahead, -- noqa: LT05
    earlier.snapshot_date as earlier_date,
    100.0 * (totals.people - before.people) / nullif(before.people, 0) as people_change_pct,
    100.0 * (totals.weekly_gbp - before.weekly_gbp) / nullif(before.weekly_gbp, 0) as gbp_change_pct,
    abs(100.0 * (totals.people - before.people) / nullif(before.people, 0))
    - allowed.change_pct as people_change_beyond,
    abs(100.0 * (totals.weekly_gbp - before.weekly_gbp) / nullif(before.weekly_gbp, 0)) - allowed.change_pct
        as gbp_change_beyond,
    allowed.change_pct,
    cast({{ dbt.datediff('earlier.snapshot_date', 'snapshots.snapshot_date', 'day') }} as integer) as days_since_earlier, -- noqa: LT05
    continued.continuing_pct,
    {{ no_finding_columns(['measure_id', 'figure_id', 'row_number', 'column_number']) }}
from snapshots
inner join lines on snapshots.snapshot_id = lines.snapshot_id
left join totals on snapshots.snapshot_id = totals.snapshot_id
left join snapshots as earlier on snapshots.previous_snapshot_id = earlier.snapshot_id
left join totals as before on snapshots.previous_snapshot_id = before.snapshot_id
left join banded on snapshots.snapshot_id = banded.snapshot_id
left join continued
    on
        snapshots.snapshot_id = continued.snapshot_id
        and snapshots.previous_snapshot_id = continued.from_snapshot_id
left join like_persons on snapshots.snapshot_id = like_persons.snapshot_id
left join allowed on snapshots.snapshot_id = allowed.snapshot_id
