-- What gate A asks of the accounting columns of one line in one council: own and others make the total, income by kind
-- makes all income, and net, gross and current follow from them (the identities the publisher prints).
with

lines as (

    select * from {{ ref('int_account_line') }}

),

figures as (

    select line_key, council_code, value, row_number, column_number from {{ ref('int_figure') }}

),

accounts as (

    select
        lines.account_key,
        lines.release_id,
        lines.financial_year,
        lines.is_voluntary,
        figures.council_code,
        min(figures.row_number) as row_number,
        min(figures.column_number) as column_number,
        min(lines.measure_id) as measure_id,
        {%- for quantity in ['own_provision', 'provision_by_others', 'grants_to_voluntary', 'total_expenditure',
            'income_client_contributions', 'income_joint_arrangements', 'income_nhs', 'income_other', 'income_total',
            'net_total_expenditure', 'gross_total_expenditure', 'capital_charges_own', 'capital_charges_others',
            'net_current_expenditure', 'gross_current_expenditure'] %}
    sum(case when lines.quantity = '{{ quantity }}' then figures.value end) as {{ quantity }}
    {{- ',' if not loop.last }}
    {%- endfor %}
    from figures
    inner join lines on figures.line_key = lines.line_key
    group by lines.account_key, lines.release_id, lines.financial_year, lines.is_voluntary, figures.council_code

),

gaps as (

    select
        account_key,
        release_id,
        financial_year,
        is_voluntary,
        council_code,
        row_number,
        column_number,
        measure_id,
        total_expenditure,
        income_total,
        net_total_expenditure,
        gross_total_expenditure,
        net_current_expenditure,
        gross_current_expenditure,
        total_expenditure - own_provision - provision_by_others - coalesce(grants_to_voluntary, 0) as total_gap,
        income_total - income_client_contributions - income_joint_arrangements - income_other
        - coalesce(income_nhs, 0) as income_gap,
        net_total_expenditure - total_expenditure + income_total as net_gap,
        gross_total_expenditure - total_expenditure + income_joint_arrangements + income_other
        + coalesce(income_nhs, 0) as gross_gap,
        gross_current_expenditure - gross_total_expenditure + capital_charges_own + capital_charges_others
            as gross_current_gap,
        -- Capital charges are not in current spend, gross or net.
        (net_total_expenditure - net_current_expenditure)
        - (gross_total_expenditure - gross_current_expenditure) as current_gap
    from accounts

),

checks as (

    select
        *,
        greatest(
            abs(coalesce(total_gap, 0)), abs(coalesce(income_gap, 0)), abs(coalesce(net_gap, 0)),
            abs(coalesce(gross_gap, 0)), abs(coalesce(gross_current_gap, 0)), abs(coalesce(current_gap, 0))
        ) as identity_gap_gbp,
        case
            when
                abs(coalesce(total_gap, 0)) > 3000
                then 'total expenditure is not own provision, others and grants together'
            when abs(coalesce(income_gap, 0)) > 3000 then 'income in total is not its kinds together'
            when abs(coalesce(net_gap, 0)) > 3000 then 'net total is not total expenditure less income'
            when
                abs(coalesce(gross_gap, 0)) > 3000
                then 'gross total is not total expenditure less joint, NHS and other income'
            when abs(coalesce(gross_current_gap, 0)) > 3000 then 'gross current is not gross total less capital charges'
            when abs(coalesce(current_gap, 0)) > 3000 then 'gross and net differ by other capital charges'
            else ''
        end as broken_identity
    from gaps
    where coalesce(total_gap, income_gap, net_gap, gross_gap, gross_current_gap, current_gap) is not null

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

)

select
    checks.*,
    releases.file_name,
    {{ no_finding_columns(['figure_id']) }}
from checks
left join releases on checks.release_id = releases.release_id
