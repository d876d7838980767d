with

figures as (

    select * from {{ ref('int_figure') }}

),

findings as (

    select
        figure_id,
        max(case severity when 'critical' then 3 when 'warning' then 2 when 'info' then 1 end) as hardest
    from {{ source('gate', 'rule_result') }}
    where figure_id is not null and status = 'fail'
    group by figure_id

),

rule_ids as (

    select figure_id, {{ joined_list('rule_id') }} as rule_ids
    from {{ source('gate', 'rule_result') }}
    where figure_id is not null and status = 'fail'
    group by figure_id

),

rulings as (

    select * from {{ ref('int_ruling') }}

),

judged as (

    select
        figures.*,
        rule_ids.rule_ids,
        rulings.ruling,
        rulings.corrected_value,
        case
            when figures.value is null then 'missing'
            when rulings.ruling = 'exclude' then 'quarantine'
            when rulings.ruling is not null then 'warn'
            when findings.hardest >= 2 then 'quarantine'
            when findings.hardest = 1 then 'warn'
            else 'pass'
        end as verdict
    from figures
    left join findings on figures.figure_id = findings.figure_id
    left join rule_ids on figures.figure_id = rule_ids.figure_id
    left join rulings
        on
            figures.measure_id = rulings.measure_id
            and figures.council_code = rulings.council_code
            and figures.financial_year = rulings.financial_year

)

select
    figure_id,
    council_code,
    council,
    financial_year,
    measure_id,
    definition_version,
    release_id,
    is_current,
    value,
    numerator,
    denominator,
    unit,
    case
        when value is null then coalesce(missing_reason, 'not_available')
    end as missing_reason,
    verdict,
    rule_ids,
    ruling,
    case
        when verdict in ('missing', 'quarantine') then null
        when ruling = 'correct' then corrected_value
        else value
    end as ruled_value,
    denominator_unit,
    line,
    value_printed
from judged
