-- What moved between two releases of the same year. Figures that did not move are not here.
with

lines as (

    select * from {{ ref('int_line') }} where role = 'value' and measure_id is not null

),

contested as (

    select financial_year, measure_id
    from lines
    group by financial_year, measure_id
    having count(distinct release_id) > 1

),

figures as (

    select
        figures.council_code,
        figures.value,
        figures.missing_reason,
        figures.figure_id,
        lines.financial_year,
        lines.measure_key,
        lines.measure_id,
        lines.definition_version,
        lines.release_id,
        lines.family in ('expenditure', 'outturn', 'bridging', 'deferred_payment') as is_money,
        lines.precedence
    from {{ ref('int_figure') }} as figures
    inner join lines on figures.line_key = lines.line_key
    inner join contested
        on lines.financial_year = contested.financial_year and lines.measure_id = contested.measure_id

),

councils as (

    select * from {{ ref('int_council_year') }}

)

select
    later.council_code,
    councils.council,
    later.financial_year,
    later.measure_id,
    later.definition_version,
    earlier.release_id as release_a,
    later.release_id as release_b,
    earlier.figure_id as figure_a,
    later.figure_id as figure_b,
    earlier.value as value_a,
    later.value as value_b,
    cast(later.value - earlier.value as {{ type_decimal() }}) as delta,
    case
        when earlier.value > 0 then {{ ratio('100 * (later.value - earlier.value)', 'earlier.value') }}
    end as delta_pct,
    coalesce(earlier.missing_reason, later.missing_reason) as missing_reason
from figures as later
-- The second release of a pair is the one whose figure is current.
inner join figures as earlier
    on
        later.council_code = earlier.council_code
        and later.financial_year = earlier.financial_year
        and later.measure_key = earlier.measure_key
        and later.precedence < earlier.precedence
left join councils
    on later.council_code = councils.council_code and later.financial_year = councils.financial_year
-- Files print the same money to different numbers of decimal places, so less than a pound is not a change.
where
    abs(later.value - earlier.value) >= case when later.is_money then 1 else 0.000001 end
    or (later.value is null and earlier.value is not null)
    or (later.value is not null and earlier.value is null)
