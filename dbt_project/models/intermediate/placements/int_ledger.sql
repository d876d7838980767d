-- What the council's ledger says of a year's spend on a client group and kind of setting, as of its newest month: what
-- was spent by the end of March, before that the forecast.
with

ledgers as (

    select * from {{ ref('stg_register__ledgers') }}

),

files as (

    select * from {{ ref('stg_returns__source_file') }}

),

settings as (

    select * from {{ ref('placement_setting') }}

),

client_groups as (

    select * from {{ ref('client_group') }}

),

grouped as (

    select
        ledgers.council_code,
        ledgers.financial_year,
        client_groups.label as client_group,
        settings.setting_group,
        ledgers.setting,
        ledgers.month,
        ledgers.months_of_year,
        ledgers.actual_gbp,
        ledgers.forecast_gbp,
        -- A file that was landed later replaces what an earlier one says of the same month.
        row_number() over (
            partition by
                ledgers.council_code, ledgers.financial_year, ledgers.client_group, ledgers.setting, ledgers.month
            order by files.received_at desc, ledgers.source_id desc
        ) as rank_newest,
        max(ledgers.months_of_year) over (
            partition by ledgers.council_code, ledgers.financial_year, ledgers.client_group, settings.setting_group
        ) as newest_month
    from ledgers
    inner join client_groups on ledgers.client_group = client_groups.client_group
    inner join settings on ledgers.setting = settings.setting
    left join files on ledgers.source_id = files.source_id

)

select
    council_code,
    financial_year,
    client_group,
    setting_group,
    max(month) as ledger_month,
    newest_month = 12 as is_whole_year,
    -- One setting without an amount leaves the sum unknown.
    cast(
        case
            when
                count(case newest_month when 12 then actual_gbp else forecast_gbp end) = count(*)
                then sum(case newest_month when 12 then actual_gbp else forecast_gbp end)
        end as {{ type_decimal() }}
    ) as ledger_gbp
from grouped
where rank_newest = 1 and months_of_year = newest_month
group by council_code, financial_year, client_group, setting_group, newest_month
