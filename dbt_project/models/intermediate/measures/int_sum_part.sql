-- The parts of derived sums: the lines of a spending total that the file does not print, all weeks of support of a
-- client group, and the weeks of a service that are printed by provision alone.
with

spend as (

    select * from {{ ref('int_spend') }} where part_measure_id is not null

),

volumes as (

    select * from {{ ref('int_volume') }} where is_of_weeks and provision = 'all' and is_in_balance_of_care

),

-- Only in years that have all services bought by the week, or the sums of two years would not be comparable.
complete as (

    select financial_year, client, age_band
    from volumes
    group by financial_year, client, age_band
    having count(distinct service) = (
        select count(*) from {{ ref('volume_service') }} as services where services.is_in_balance_of_care = 'true'
    )

),

parts as (

    select
        financial_year,
        measure_id,
        definition_version,
        label,
        'GBP' as unit,
        client,
        client_group_label,
        age_band,
        service,
        service_label,
        quantity,
        family,
        comparable_from,
        comparable_to,
        part_measure_id,
        part_definition_version,
        'value' as part_of
    from spend
    union all
    select
        volumes.financial_year,
        concat(volumes.client, '_support_weeks') as measure_id,
        volumes.definition_version,
        concat('Weeks of support that unit costs are printed for, ', volumes.client_group_label) as label,
        'weeks' as unit,
        volumes.client,
        volumes.client_group_label,
        volumes.age_band,
        '' as service,
        cast(null as {{ dbt.type_string() }}) as service_label,
        'support_weeks' as quantity,
        'activity' as family,
        volumes.comparable_from,
        volumes.comparable_to,
        volumes.measure_id as part_measure_id,
        volumes.definition_version as part_definition_version,
        'denominator' as part_of
    from volumes
    inner join complete
        on
            volumes.financial_year = complete.financial_year
            and volumes.client = complete.client
            and volumes.age_band = complete.age_band
    union all
    select
        financial_year,
        weeks_measure_id as measure_id,
        weeks_definition_version as definition_version,
        concat(
            'Weeks of support, own provision and provision by others added up, ', service_label, ', ',
            client_group_label, ', ', age_band
        ) as label,
        'weeks' as unit,
        client,
        client_group_label,
        age_band,
        service,
        service_label,
        'weeks' as quantity,
        'activity' as family,
        comparable_from,
        comparable_to,
        part_measure_id,
        weeks_definition_version as part_definition_version,
        'value' as part_of
    from {{ ref('int_cost_per_week') }}

)

select
    *, -- noqa: AM04
    {{ measure_key('measure_id', 'definition_version') }} as measure_key,
    {{ measure_key('part_measure_id', 'part_definition_version') }} as part_measure_key
from parts
