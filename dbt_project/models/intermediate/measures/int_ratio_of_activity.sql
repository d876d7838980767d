-- The ratios of activity that is a line of its own: people counted, and weeks that no unit cost is printed for, per
-- resident.
with

weekly as (

    select * from {{ ref('int_volume') }} where is_of_weeks and not is_net_of_income

),

counted as (

    select distinct
        lines.financial_year,
        lines.measure_id,
        lines.definition_version,
        measures.label,
        measures.client_group as client_group_label,
        measures.age_band,
        measures.service as service_label,
        measures.provision,
        measures.unit,
        measures.comparable_from,
        measures.comparable_to,
        lines.is_composed
    from {{ ref('int_line') }} as lines
    inner join {{ ref('int_measure') }} as measures
        on lines.measure_id = measures.measure_id and lines.definition_version = measures.definition_version
    where lines.role = 'value' and not lines.is_voluntary and lines.family = 'activity'

)

select
    financial_year, 'people_counted_per_1000' as derivation, measure_id as base_id, definition_version,
    client_group_label, age_band, service_label, provision, comparable_from, comparable_to,
    measure_id as numerator_measure_id, 'value' as numerator_of,
    cast(null as {{ dbt.type_string() }}) as denominator_measure_id, 'population' as denominator_of,
    false as has_saving
from counted
where unit in ('people', 'people a week')
union all
select
    counted.financial_year, 'people_per_1000' as derivation, replace(counted.measure_id, '_weeks', '') as base_id,
    counted.definition_version, counted.client_group_label, counted.age_band, counted.service_label,
    counted.provision, counted.comparable_from, counted.comparable_to,
    counted.measure_id as numerator_measure_id, 'value' as numerator_of,
    cast(null as {{ dbt.type_string() }}) as denominator_measure_id, 'population' as denominator_of,
    false as has_saving
from counted
left join weekly
    on
        counted.financial_year = weekly.financial_year
        and replace(counted.measure_id, '_weeks', '_unit_cost') = weekly.measure_id
where counted.is_composed and counted.unit = 'person-weeks' and weekly.measure_id is null
