-- The measure catalogue: measures curated by hand, and those composed from the words of loaded lines.
with

curated as (

    select * from {{ ref('measure') }}

),

lines as (

    select * from {{ ref('int_line') }} where is_composed

),

composed as (

    select
        measure_id,
        definition_version,
        max(
            concat(
                {{ measure_label_of('quantity_label', 'service_label', 'client_group_label', 'age_band') }},
                case provision when 'own' then ', own provision' when 'others' then ', provision by others' else '' end,
                case when is_net_of_income then ', supported by the council only' else '' end
            )
        ) as label,
        max(unit) as unit,
        max(polarity) as polarity,
        max(client_group_label) as client_group,
        max(age_band) as age_band,
        max(coalesce(service_label, 'All services')) as service,
        max(provision) as provision,
        max(family) as family,
        max(quantity) as quantity,
        max(case when is_net_of_income then 1 else 0 end) = 1 as is_net_of_income,
        max(case when is_leaf then 1 else 0 end) = 1 as is_leaf,
        min(comparable_from) as comparable_from,
        max(comparable_to) as comparable_to
    from lines
    group by measure_id, definition_version

),

measures as (

    select
        measure_id,
        definition_version,
        label,
        unit,
        polarity,
        client_group,
        age_band,
        service,
        provision,
        denominator_unit,
        is_net_of_income,
        case
            when measure_id like 'ascof_%' then 'outcome'
            when denominator_unit is not null then 'unit_cost'
            else 'activity'
        end as family,
        cast(null as {{ dbt.type_string() }}) as quantity,
        false as is_leaf,
        comparable_from,
        comparable_to
    from curated
    union all
    select
        measure_id,
        definition_version,
        label,
        unit,
        polarity,
        client_group,
        age_band,
        service,
        provision,
        cast(null as {{ dbt.type_string() }}) as denominator_unit,
        is_net_of_income or quantity like '%net_%' as is_net_of_income,
        family,
        quantity,
        is_leaf,
        comparable_from,
        comparable_to
    from composed

)

select
    {{ measure_key('measure_id', 'definition_version') }} as measure_key,
    measure_id,
    definition_version,
    label,
    unit,
    polarity,
    client_group,
    age_band,
    service,
    provision,
    denominator_unit,
    is_net_of_income,
    family,
    quantity,
    is_leaf,
    comparable_from,
    comparable_to
from measures
