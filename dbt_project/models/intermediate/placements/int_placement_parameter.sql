-- The parameter that applies to a council, client group and day. The user's own takes precedence over the shipped one,
-- then one for the council over one for all councils, one for the client group over one for all, and the newest over
-- older ones.
with

snapshots as (

    select * from {{ ref('int_snapshot') }}

),

groups as (

    select distinct snapshot_id, client_group from {{ ref('int_package') }}

),

client_groups as (

    select * from {{ ref('client_group') }}

),

own as (

    select * from {{ ref('stg_register__placement_parameters') }}

),

parameters as (

    select parameter, council_code, client_group, from_date, number, because, 0 as is_own
    from {{ ref('placement_parameter') }}
    union all
    select
        parameter,
        council_code,
        client_group,
        from_date,
        number,
        because,
        1 as is_own
    from own

),

ranked as (

    select
        groups.snapshot_id,
        groups.client_group,
        parameters.parameter,
        parameters.number,
        parameters.because,
        parameters.is_own = 1 as is_own,
        row_number() over (
            partition by groups.snapshot_id, groups.client_group, parameters.parameter
            order by
                parameters.is_own desc,
                case parameters.council_code when '*' then 1 else 0 end,
                case parameters.client_group when '*' then 1 else 0 end,
                parameters.from_date desc
        ) as rank_of_parameter
    from groups
    inner join snapshots on groups.snapshot_id = snapshots.snapshot_id
    inner join parameters
        on
            parameters.council_code in ('*', snapshots.council_code)
            and snapshots.snapshot_date >= parameters.from_date
    left join client_groups on groups.client_group = client_groups.label
    where parameters.client_group in ('*', client_groups.client_group)

)

select snapshot_id, client_group, parameter, number, because, is_own
from ranked
where rank_of_parameter = 1
