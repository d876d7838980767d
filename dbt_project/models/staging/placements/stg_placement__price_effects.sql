{{ config(materialized='view') }}
with

effects as (

    select * from {{ source('estimates', 'price_effect') }}

)

select
    snapshot_id,
    client_group,
    setting_group,
    factor,
    level,
    compared_with,
    {{ rounded('effect_pct') }} as effect_pct
from effects
