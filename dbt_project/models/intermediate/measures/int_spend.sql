-- The spending measures of a year that are compared between councils: printed, or else added up from their lines,
-- so that years whose file prints only the lines have totals too.
with

lines as (

    select * from {{ ref('int_line') }}

),

quantities as (

    select * from {{ ref('quantity') }} where is_compared = 'true'

),

services as (

    select * from {{ ref('service') }}

),

groups as (

    select * from {{ ref('client_group') }}

),

ages as (

    select * from {{ ref('age_band') }}

),

collections as (

    select * from {{ ref('collection') }}

),

-- Voluntary lines are excluded from totals and benchmarks: the councils that happen to send them are not a peer group.
printed as (

    select distinct
        lines.financial_year,
        lines.collection,
        lines.client,
        lines.client_group_label,
        lines.age_band,
        lines.service,
        lines.service_label,
        lines.quantity,
        lines.quantity_label,
        lines.family,
        lines.measure_id,
        lines.definition_version,
        lines.is_leaf,
        lines.comparable_from,
        lines.comparable_to
    from lines
    inner join quantities on lines.quantity = quantities.quantity
    where
        lines.role = 'value' and lines.is_composed and not lines.is_voluntary and lines.provision = 'all'
        and not lines.is_net_of_income

),

leaves as (

    select
        printed.*,
        coalesce(services.setting, '') as setting,
        coalesce(services.whole, '') as whole_service,
        collections.adds_up
    from printed
    inner join collections on printed.collection = collections.collection
    left join services on printed.service = services.service
    where printed.is_leaf

),

-- The totals that each line is a part of: its setting, the service it is printed under, its client group, all spending.
parts as (

    select leaves.*, leaves.client as whole_client, leaves.age_band as whole_age_band, leaves.setting as whole_of
    from leaves
    where leaves.setting <> ''
    union all
    select leaves.*, leaves.client as whole_client, leaves.age_band as whole_age_band, leaves.whole_service as whole_of
    from leaves
    where leaves.whole_service <> ''
    union all
    select leaves.*, leaves.client as whole_client, leaves.age_band as whole_age_band, '' as whole_of
    from leaves
    where leaves.adds_up = 'true' and leaves.service <> ''
    union all
    select leaves.*, 'adult_social_care' as whole_client, '18 and over' as whole_age_band, '' as whole_of
    from leaves
    where leaves.adds_up = 'true'

),

added as (

    select parts.*
    from parts
    left join printed
        on
            parts.financial_year = printed.financial_year
            and parts.quantity = printed.quantity
            and parts.whole_client = printed.client
            and parts.whole_age_band = printed.age_band
            and parts.whole_of = printed.service
    where printed.measure_id is null

)

select
    financial_year,
    collection,
    client,
    client_group_label,
    age_band,
    service,
    service_label,
    quantity,
    family,
    measure_id,
    definition_version,
    cast(null as {{ dbt.type_string() }}) as label,
    comparable_from,
    comparable_to,
    cast(null as {{ dbt.type_string() }}) as part_measure_id,
    cast(null as {{ dbt.type_string() }}) as part_definition_version
from printed
union all
select
    added.financial_year,
    added.collection,
    added.whole_client as client,
    groups.label as client_group_label,
    added.whole_age_band as age_band,
    added.whole_of as service,
    services.label as service_label,
    added.quantity,
    added.family,
    {{ measure_id_of(
        'added.whole_client', 'ages.slug', "added.whole_age_band = coalesce(groups.own_age_band, '')",
        'added.whole_of', "''", 'added.quantity'
    ) }} as measure_id,
    added.definition_version,
    {{ measure_label_of('added.quantity_label', 'services.label', 'groups.label', 'added.whole_age_band') }} as label,
    added.comparable_from,
    added.comparable_to,
    added.measure_id as part_measure_id,
    added.definition_version as part_definition_version
from added
inner join groups on added.whole_client = groups.client_group
left join ages on added.whole_age_band = ages.age_band
left join services on added.whole_of = services.service
