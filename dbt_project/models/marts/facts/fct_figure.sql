with

figures as (

    select * from {{ ref('int_figure') }}

),

lines as (

    select * from {{ ref('int_line') }} where role = 'value'

),

measures as (

    select * from {{ ref('int_measure') }}

),

councils as (

    select * from {{ ref('int_council_year') }}

),

releases as (

    select release_id, file_name from {{ ref('int_release') }}

),

sheets as (

    select sheet_id, sheet from {{ ref('stg_returns__source_sheet') }}

),

findings as (

    select
        figure_id,
        max(case severity when 'critical' then 3 when 'warning' then 2 when 'info' then 1 end) as hardest,
        {{ joined_list('rule_id') }} as rule_ids
    from {{ ref('int_finding') }}
    where figure_id is not null
    group by figure_id

),

rulings as (

    select * from {{ ref('int_ruling') }}

),

unjudged as (

    select figure_id from {{ ref('int_unjudged_figure') }}

),

mislabelled as (

    select figure_id, believed_denominator from {{ ref('int_unit_cost_recomputed') }} where denominator_factor <> 1

),

-- What all figures of a line have in common, so that the many figures need one join for it.
described as (

    select
        lines.line_key,
        lines.release_id,
        lines.financial_year,
        lines.line,
        lines.measure_id,
        lines.definition_version,
        measures.unit,
        measures.denominator_unit,
        releases.file_name
    from lines
    inner join measures on lines.measure_key = measures.measure_key
    inner join releases on lines.release_id = releases.release_id

),

judged as (

    select
        figures.*,
        described.release_id,
        described.financial_year,
        described.line,
        described.measure_id,
        described.definition_version,
        described.unit,
        described.denominator_unit,
        described.file_name,
        councils.council,
        sheets.sheet,
        findings.rule_ids,
        rulings.ruling,
        rulings.corrected_value,
        mislabelled.figure_id is not null as is_denominator_mislabelled,
        mislabelled.believed_denominator,
        case
            when figures.value is null then 'missing'
            when rulings.ruling = 'exclude' then 'quarantine'
            when rulings.ruling is not null then 'warn'
            when findings.hardest >= 2 then 'quarantine'
            when unjudged.figure_id is not null then 'unjudged'
            when findings.hardest = 1 then 'warn'
            else 'pass'
        end as verdict
    from figures
    inner join described on figures.line_key = described.line_key
    inner join sheets on figures.sheet_id = sheets.sheet_id
    left join councils
        on figures.council_code = councils.council_code and described.financial_year = councils.financial_year
    left join findings on figures.figure_id = findings.figure_id
    left join unjudged on figures.figure_id = unjudged.figure_id
    left join mislabelled on figures.figure_id = mislabelled.figure_id
    left join rulings
        on
            described.measure_id = rulings.measure_id
            and figures.council_code = rulings.council_code
            and described.financial_year = rulings.financial_year

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
    corrected_value,
    case
        when verdict in ('missing', 'quarantine', 'unjudged') then null
        when ruling = 'correct' then corrected_value
        else value
    end as ruled_value,
    case
        when denominator is null then null
        when is_denominator_mislabelled then 'quarantine'
        else verdict
    end as denominator_verdict,
    -- A correction says what the unit cost is, not which of its parts was wrong, so neither is used. A service that was
    -- not bought has no unit cost, but the parts are true zeros.
    case
        when verdict in ('quarantine', 'unjudged') or ruling = 'correct' then null
        when is_denominator_mislabelled then believed_denominator
        else denominator
    end as ruled_denominator,
    denominator_unit,
    line,
    value_printed,
    half_step,
    file_name,
    sheet,
    row_number,
    column_number
from judged
