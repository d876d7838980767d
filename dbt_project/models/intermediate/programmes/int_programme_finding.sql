-- What is odd about one saving, by the rules of programme_rule.csv.
with

savings as (

    select * from {{ ref('int_programme_saving') }}

),

prints as (

    select * from {{ ref('int_programme_print') }} where kind = 'saving'

),

names as (

    select council_code, {{ plain_name('max(council)') }} as plain
    from {{ ref('council') }}
    group by council_code

),

-- How the amount of the register was found in the words: literally, by a reading, as the ends of a range, or not.
found as (

    select
        row_id,
        max(case when is_literal or (is_amount and rule_id = '') then 1 else 0 end) as n_literal,
        max(case when is_amount then rule_id end) as rule_id,
        max(case when is_amount then amount_printed end) as amount_printed,
        max(case when is_low then 1 else 0 end) + max(case when is_high then 1 else 0 end) as n_ends
    from prints
    group by row_id

),

spans as (

    select
        *,
        cast(nullif(regexp_extract(period, '^(20[0-9][0-9])/[0-9][0-9]-(20[0-9][0-9])/', 2), '') as integer)
        - cast(nullif(regexp_extract(period, '^(20[0-9][0-9])/[0-9][0-9]-(20[0-9][0-9])/', 1), '') as integer) + 1
            as n_years
    from savings

),

-- The same amount of the same council, printed for two different things.
repeated as (

    select
        first.saving_id,
        min(other.saving_id) as other_id,
        max(case
            when first.scope <> 'restatement' and other.scope <> 'restatement' then 1 else 0
        end) as is_in_two_rows,
        max(case when other.theme = first.theme then 1 else 0 end) as is_of_one_theme,
        -- Round amounts are alike by chance.
        first.amount_gbp = 100000 * round(cast(first.amount_gbp as double) / 100000) as is_round
    from savings as first
    inner join savings as other
        on
            first.document = other.document
            and first.council_printed = other.council_printed
            and first.amount_gbp = other.amount_gbp
            and first.saving_id <> other.saving_id
            and (first.description <> other.description or first.theme <> other.theme)
    group by first.saving_id, first.amount_gbp

),

-- Amounts printed as cumulative that add up, year by year, to the amount of the year after: annual, then.
running as (

    select
        later.saving_id,
        sum(earlier.amount_gbp) as earlier_gbp
    from savings as later
    inner join savings as earlier
        on
            later.document = earlier.document
            and later.council_printed = earlier.council_printed
            and later.theme = earlier.theme
            and later.amount_basis = 'cumulative'
            and earlier.amount_basis = 'cumulative'
            and later.period > earlier.period
    where later.theme = 'whole_programme'
    group by later.saving_id, later.amount_gbp
    having sum(earlier.amount_gbp) = later.amount_gbp

),

findings as (

    select found.row_id as saving_id, found.rule_id, found.amount_printed as detail
    from found
    where found.rule_id <> '' and (found.n_literal = 0 or found.rule_id = 'pence_mark')
    union all
    select savings.saving_id, 'amount_not_printed' as rule_id, savings.as_printed as detail
    from savings
    left join found on savings.saving_id = found.row_id
    where coalesce(found.n_literal, 0) = 0 and coalesce(found.rule_id, '') = '' and coalesce(found.n_ends, 0) < 2
    union all
    select saving_id, 'unit_style' as rule_id, as_printed as detail
    from savings
    where regexp_extract(as_printed, '(£ [0-9]|[0-9]million|[0-9]M|[0-9] m[^a-z])', 0) <> ''
    union all
    select saving_id, 'dash_before_amount' as rule_id, as_printed as detail
    from savings
    where as_printed like '%-£%'
    union all
    select saving_id, 'negative_saving' as rule_id, as_printed as detail
    from savings
    where amount_gbp < 0
    union all
    select saving_id, 'row_without_label' as rule_id, as_printed as detail
    from savings
    where scope = 'component' and regexp_replace(as_printed, '£[0-9.,]+ ?(m|million)?', '') = ''
    union all
    select saving_id, 'year_ambiguous' as rule_id, period as detail
    from savings
    where period like 'ambiguous%'
    union all
    select saving_id, 'cumulative_amount' as rule_id, period as detail
    from savings
    where amount_basis = 'cumulative'
    union all
    select saving_id, 'cumulative_or_annual' as rule_id, cast(earlier_gbp as {{ dbt.type_string() }}) as detail
    from running
    union all
    select saving_id, 'not_three_years' as rule_id, period as detail
    from spans
    where scope = 'asc_total' and status = 'achieved' and n_years not in (1, 3)
    union all
    select saving_id, 'same_amount_twice' as rule_id, other_id as detail
    from repeated
    where is_in_two_rows = 1 and not is_round
    union all
    select repeated.saving_id, 'attributed_twice' as rule_id, repeated.other_id as detail
    from repeated
    inner join savings on repeated.saving_id = savings.saving_id
    where savings.scope = 'restatement' and repeated.is_of_one_theme = 0
    union all
    select later.saving_id, 'plan_revised' as rule_id, earlier.description as detail
    from savings as later
    inner join savings as earlier
        on
            later.document = earlier.document
            and later.section = earlier.section
            and later.theme = earlier.theme
            and later.period = earlier.period
            and later.status = earlier.status
            and later.scope = 'asc_future'
            and earlier.scope = 'target_compare'
    union all
    select saving_id, 'shared_by_councils' as rule_id, council_printed as detail
    from savings
    where council_code is null or scope = 'not_realised'
    union all
    select savings.saving_id, 'name_as_alias' as rule_id, savings.council_printed as detail
    from savings
    inner join names on savings.council_code = names.council_code
    where
        regexp_replace(
            regexp_replace(
                {{ plain_name('savings.council_printed') }}, '^(london borough|city|borough|royal borough) of ', ''
            ),
            ' (metropolitan district |metropolitan borough |county |borough |city )?council$', ''
        ) <> names.plain

)

select
    saving_id,
    rule_id,
    min(detail) as detail
from findings
group by saving_id, rule_id
