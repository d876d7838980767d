{#- A view: there may be millions of lines, and int_placement_line writes each of them once. -#}
{{ config(materialized='view') }}
with

placements as (

    select * from {{ source('placements', 'placement') }}

)

select
    snapshot_id,
    row_number,
    person_key,
    age,
    age_at_start,
    client_group,
    setting,
    provider,
    is_in_house,
    is_in_area,
    gross_weekly_gbp,
    client_contribution_weekly_gbp,
    nhs_share_weekly_gbp,
    nhs_share_kind,
    is_costed,
    night_cover,
    night_cover_weekly_gbp,
    transport_journeys_weekly,
    transport_journey_gbp,
    has_assistive_technology,
    is_interim,
    home_care_hours_weekly,
    support_hours_weekly,
    one_to_one_hours_weekly,
    move_risk,
    start_date,
    end_date,
    previous_setting,
    last_review_date,
    unmapped is not null as has_unmapped,
    unreadable is not null as has_unreadable
from placements
