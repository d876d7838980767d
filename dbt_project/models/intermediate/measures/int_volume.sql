-- The unit costs of a year whose denominator is a volume of support: weeks, clients over the year's weeks, sessions.
with

lines as (

    select distinct financial_year, measure_key, measure_id, definition_version, collection
    from {{ ref('int_line') }}
    where role = 'value' and has_parts and measure_id is not null

),

measures as (

    select * from {{ ref('int_measure') }}

),

groups as (

    select * from {{ ref('client_group') }}

),

services as (

    select * from {{ ref('volume_service') }}

)

select
    lines.financial_year,
    lines.collection,
    lines.measure_id,
    lines.definition_version,
    measures.label,
    groups.client_group as client,
    measures.client_group as client_group_label,
    measures.age_band,
    -- Null where the unit cost is of several services, or of one whose volume is counted differently (day care at 31
    -- March).
    services.service,
    coalesce(services.is_in_balance_of_care, 'false') = 'true' as is_in_balance_of_care,
    measures.service as service_label,
    measures.provision,
    measures.denominator_unit,
    measures.denominator_unit in ('person-weeks', 'client-weeks') as is_of_weeks,
    measures.is_net_of_income,
    measures.comparable_from,
    measures.comparable_to
from lines
inner join measures on lines.measure_key = measures.measure_key
inner join groups on measures.client_group = groups.label
left join services on measures.service = services.printed and not measures.is_net_of_income
