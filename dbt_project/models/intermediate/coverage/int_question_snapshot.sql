-- Of which council and year the query of each question about placements has rows: of the newest snapshot of the year.
{%- set opportunities = {
    'high_cost': ['high_cost', 'high_cost_community', 'nhs_share'], 'low_cost': ['low_cost', 'low_cost_with_uncosted'],
    'transport': ['transport', 'sleep_in', 'waking_night', 'assistive_technology']
} %}
with

families as (

    select * from {{ ref('int_question_family') }} where question_number between 23 and 30

),

snapshots as (

    select
        council_code,
        financial_year,
        max(snapshot_date) as snapshot_date
    from {{ ref('int_snapshot') }}
    group by council_code, financial_year

),

shown as (
    {%- for mart in ['mart_placement_band', 'mart_new_entrant', 'mart_reconciliation', 'mart_placement_subset'] %}

    select '{{ mart }}' as reads, council_code, snapshot_date, client_group from {{ ref(mart) }}
    union
    {%- endfor %}
    select 'mart_placement_drift' as reads, council_code, to_date as snapshot_date, client_group
    from {{ ref('mart_placement_drift') }}
    {%- for reads, kinds in opportunities.items() %}
    union
    select '{{ reads }}' as reads, council_code, snapshot_date, client_group
    from {{ ref('mart_local_opportunity') }}
    where opportunity in ('{{ kinds | join("', '") }}')
    {%- endfor %}

)

select distinct
    families.question_number,
    families.measure_family,
    shown.council_code,
    snapshots.financial_year
from shown
inner join snapshots on shown.council_code = snapshots.council_code and shown.snapshot_date = snapshots.snapshot_date
inner join families on shown.client_group = families.client_group and shown.reads = families.reads
