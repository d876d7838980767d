{{ config(materialized='view') }}
with

prices as (

    select * from {{ source('estimates', 'package_price') }}

)

select
    snapshot_id,
    person_key,
    client_group,
    setting_group,
    setting,
    age_band,
    night_cover,
    area,
    {{ rounded('weekly_gbp') }} as weekly_gbp,
    {{ rounded('hours_weekly') }} as hours_weekly,
    {{ rounded('one_to_one_hours_weekly') }} as one_to_one_hours_weekly,
    {{ rounded('expected_weekly_gbp') }} as expected_weekly_gbp,
    {{ rounded('expected_for_hours_gbp') }} as expected_for_hours_gbp,
    {{ rounded('100 * (exp(spread) - 1)') }} as spread_pct,
    {{ rounded('100 * (exp(spread_for_hours) - 1)') }} as spread_for_hours_pct
from prices
