-- Every amount of money in the words that a document prints, read literally and as it is meant: with a comma for a
-- decimal point, a point that was dropped, a unit that is missing or shared by a range.
with

savings as (

    select * from {{ ref('int_programme_saving') }}

),

spend as (

    select * from {{ ref('int_programme_spend') }}

),

figures as (

    select * from {{ ref('int_programme_figure') }}

),

rows_of_money as (

    select saving_id as row_id, 'saving' as kind, as_printed, amount_gbp, low_gbp, high_gbp from savings
    union all
    select
        spend_id as row_id, 'spend' as kind, as_printed, gross_spend_gbp as amount_gbp,
        cast(null as {{ type_decimal() }}) as low_gbp, cast(null as {{ type_decimal() }}) as high_gbp
    from spend
    where gross_spend_gbp is not null
    union all
    select
        printed_id as row_id, 'figure' as kind, as_printed, value as amount_gbp,
        cast(null as {{ type_decimal() }}) as low_gbp, cast(null as {{ type_decimal() }}) as high_gbp
    from figures
    where unit like 'GBP%' and value is not null

),

-- No row of a table has more than five amounts.
numbers as (
    {% for number in range(1, 7) %}
    select {{ number }} as amount_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

numbered as (

    select
        rows_of_money.*,
        numbers.amount_number,
        {{ amount_at(printed_amounts('rows_of_money.as_printed'), 'numbers.amount_number') }} as amount,
        {{ range_unit('rows_of_money.as_printed') }} as shared_unit
    from rows_of_money
    cross join numbers

),

parts as (

    select
        *,
        {{ amount_digits('amount') }} as digits,
        {{ amount_unit('amount') }} as unit
    from numbered
    where amount is not null

),

ruled as (

    select
        *,
        {{ print_rule('digits', 'unit', 'shared_unit', 'amount') }} as rule_id
    from parts

),

readings as (

    select
        *,
        {{ literal_pounds('digits', 'unit') }} as literal,
        {{ meant_pounds('rule_id', 'digits', 'unit', 'shared_unit') }} as as_millions,
        {{ meant_pounds('rule_id', 'digits', 'unit', 'shared_unit', true) }} as as_thousands
    from ruled

),

-- Which of two readings is meant shows in the amount that the register has.
meant as (

    select
        *,
        case
            when abs(as_thousands - cast(amount_gbp as double)) < 0.01 then as_thousands else as_millions
        end as pounds,
        case
            when rule_id = 'decimal_comma' then replace(digits, ',', '.') else replace(digits, ',', '')
        end as number_text
    from readings

)

select
    row_id,
    kind,
    cast(amount_number as integer) as amount_number,
    trim(amount) as amount_printed,
    rule_id,
    {{ rounded('literal') }} as literal_gbp,
    {{ rounded('pounds') }} as meant_gbp,
    {{ rounded(half_of_last_digit('number_text') ~ ' * abs(pounds / nullif(try_cast(number_text as double), 0))') }}
        as half_step_gbp,
    abs(pounds - cast(amount_gbp as double)) < 0.01 as is_amount,
    abs(literal - cast(amount_gbp as double)) < 0.01 as is_literal,
    abs(pounds - cast(low_gbp as double)) < 0.01 as is_low,
    abs(pounds - cast(high_gbp as double)) < 0.01 as is_high
from meant
