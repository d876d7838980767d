-- All measures: those that are printed, the sums of lines, and the ratios derived from both.
with

printed as (

    select * from {{ ref('int_measure') }}

),

sums as (

    select
        measure_key,
        max(measure_id) as measure_id,
        max(definition_version) as definition_version,
        max(label) as label,
        max(unit) as unit,
        max(client_group_label) as client_group,
        max(age_band) as age_band,
        max(coalesce(service_label, 'All services')) as service,
        max(family) as family,
        max(quantity) as quantity,
        min(comparable_from) as comparable_from,
        max(comparable_to) as comparable_to
    from {{ ref('int_sum_part') }}
    group by measure_key

),

ratios as (

    select
        measure_id,
        definition_version,
        max(label) as label,
        max(unit) as unit,
        max(client_group_label) as client_group,
        max(age_band) as age_band,
        max(coalesce(service_label, 'All services')) as service,
        max(provision) as provision,
        max(denominator_unit) as denominator_unit,
        max(derivation) as derivation,
        max(numerator_measure_id) as numerator_measure_id,
        max(case when numerator_measure_id like '%_net_%' then 1 else 0 end) = 1 as is_net_of_income,
        min(comparable_from) as comparable_from,
        max(comparable_to) as comparable_to
    from {{ ref('int_ratio') }}
    group by measure_id, definition_version

)

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
    family,
    quantity,
    is_leaf,
    cast(null as {{ dbt.type_string() }}) as derivation,
    comparable_from,
    comparable_to,
    cast(null as {{ dbt.type_string() }}) as numerator_measure_id,
    measure_key
from printed
union all
-- A sum of lines is the same measure that other years print, so it is listed only once.
select
    sums.measure_id,
    sums.definition_version,
    sums.label,
    sums.unit,
    'neutral' as polarity,
    sums.client_group,
    sums.age_band,
    sums.service,
    'all' as provision,
    cast(null as {{ dbt.type_string() }}) as denominator_unit,
    sums.quantity like '%net_%' as is_net_of_income,
    sums.family,
    sums.quantity,
    false as is_leaf,
    'sum' as derivation,
    sums.comparable_from,
    sums.comparable_to,
    cast(null as {{ dbt.type_string() }}) as numerator_measure_id,
    sums.measure_key
from sums
left join printed on sums.measure_key = printed.measure_key
where printed.measure_key is null
union all
select
    measure_id,
    definition_version,
    label,
    unit,
    'neutral' as polarity,
    client_group,
    age_band,
    service,
    provision,
    denominator_unit,
    is_net_of_income,
    'derived' as family,
    derivation as quantity,
    false as is_leaf,
    derivation,
    comparable_from,
    comparable_to,
    numerator_measure_id,
    {{ measure_key('measure_id', 'definition_version') }} as measure_key
from ratios
