-- The spending measures of a year that are compared between councils: printed, or else added up from their lines,
-- so that years whose file prints only the lines have totals too. The parts of a total are all lines that the return
-- has.
with

lines as (

    select * from {{ ref('int_spend_line') }}

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

printed as (

    select * from lines where is_printed

),

leaves as (

    select * from lines where is_leaf

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

    select
        parts.*,
        max(case when parts.is_printed then 1 else 0 end) over (
            partition by
                parts.financial_year, parts.quantity, parts.whole_client, parts.whole_age_band, parts.whole_of
        ) as n_printed
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
-- Of a total none of whose lines are printed there is nothing to say.
where added.n_printed = 1
