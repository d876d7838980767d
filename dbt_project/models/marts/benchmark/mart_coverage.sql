-- Which question is answered for which council and year, and where it is not, the first reason that holds.
{%- set reasons = {
    'part_of_return': 'the files loaded do not hold every line that it is made of',
    'part_missing': 'a part of it is printed without a number',
    'parts_not_comparable': 'its weeks come from client-level data, by which the publisher does not divide spending',
    'population_unknown': 'the mid-year estimates loaded have no residents of these ages in the middle of that year',
    'zero_denominator': 'there is nothing to divide by',
    'negative_denominator': 'what it would be divided by is negative',
    'quarantined_denominator': 'the whole that it would be a share of is quarantined',
    'not_submitted': 'not submitted',
} %}
{%- set in_words = namespace(sql='missing_reasons') %}
{%- for code, words in reasons.items() %}
{%- set in_words.sql = "replace(" ~ in_words.sql ~ ", '" ~ code ~ "', '" ~ words ~ "')" %}
{%- endfor %}
with

asked as (

    select
        *,
        case measure_family
            when 'all' then 'figures' else concat('figures of ', replace(measure_family, '_', ' '))
        end as words,
        cast(substr(financial_year, 1, 4) as integer) as first_of_year
    from {{ ref('int_question_year') }}

),

coded as (

    select
        *,
        case
            when is_answered then null
            when is_of_placements and not has_snapshot then 'no_snapshot'
            when is_of_placements then 'none_found'
            when not is_council then 'no_such_council'
            when not has_returns_of_councils then 'not_loaded'
            when n_values = 0 and missing_reasons like '%suppressed%' then 'suppressed'
            when n_values = 0 and has_figures then 'missing'
            when n_councils = 0 and last_year < financial_year then 'series_broke'
            when n_councils = 0 and first_year > financial_year then 'not_collected'
            when n_councils = 0 then 'not_loaded'
            when n_values = 0 then 'not_returned'
            when reads = 'saving' and n_believed = 0 then 'quarantined'
            when not has_peers then 'no_peers'
            when nothing_found is not null then 'none_found'
            when reads = 'trend' then 'no_series'
            when peer_set is not null then 'too_few_peers'
            else 'no_comparison'
        end as reason_code,
        max(case when is_answered then first_of_year end) over (
            partition by council_code, question_number, measure_family
            order by first_of_year
            rows between unbounded preceding and 1 preceding
        ) as answered_before,
        min(case when is_answered then first_of_year end) over (
            partition by council_code, question_number, measure_family
            order by first_of_year
            rows between 1 following and unbounded following
        ) as answered_after
    from asked

),

-- Of two years as near the later.
nearest as (

    select
        *,
        case
            when is_answered then first_of_year
            when answered_before is null then answered_after
            when answered_after is null then answered_before
            when answered_after - first_of_year <= first_of_year - answered_before then answered_after
            else answered_before
        end as nearest_first_of_year
    from coded

)

select
    council_code,
    council,
    financial_year,
    cast(question_number as integer) as question_number,
    measure_family,
    is_answered,
    case when not is_of_placements and n_values > 0 then release_ids end as release_ids,
    reason_code,
    case reason_code
        when 'no_snapshot' then concat('No placement records of ', council, ' are loaded for ', financial_year, '.')
        when 'none_found' then concat(nothing_found, '.')
        when 'no_such_council' then why_no_council
        when 'not_loaded'
            then concat('No file loaded has ', words, ' by council for ', financial_year, '.')
        when 'suppressed'
            then concat('The return of ', financial_year, ' suppresses the ', words, ' of ', council, '.')
        when 'missing'
            then concat(
                council, ' has no value in its ', words, ' for ', financial_year, ': ',
                {{ in_words.sql }}, '.' -- noqa: LT05
            )
        when 'series_broke'
            then concat(
                'The series of ', words, ' ends in ', last_year, '; what later returns ask for does not ',
                'compare.'
            )
        when 'not_collected'
            then concat(
                'The returns of ', financial_year, ' do not ask for ', words, '; those loaded do from ',
                first_year, '.'
            )
        when 'not_returned'
            then concat(
                council, ' has no ', words, ' in the returns of ', financial_year, '; ',
                cast(n_councils as {{ dbt.type_string() }}), ' other councils have.'
            )
        when 'quarantined'
            then
                concat(
                    'The ',
                    words,
                    ' of ',
                    council,
                    ' for ',
                    financial_year,
                    ' are quarantined or unjudged: nothing rests on them.'
                )
        when 'no_peers'
            then concat(
                'No list of the peer set ', peer_set, ' that is loaded names peers of ', council, ' in ',
                financial_year, '.'
            )
        when 'too_few_peers'
            then concat(
                'Fewer peers of the peer set ', peer_set, ' than a statistic needs have believed ', words,
                ' for ', financial_year, '.'
            )
        when 'no_series' then concat('No series is made of ', words, ' in ', financial_year, '.')
        when 'no_comparison' then concat('No comparison is made of ', words, ' in ', financial_year, '.')
    end as reason,
    case
        when nearest_first_of_year is not null
            then
                concat(
                    cast(nearest_first_of_year as {{ dbt.type_string() }}),
                    '-',
                    substr(cast(nearest_first_of_year + 1 as {{ dbt.type_string() }}), 3, 2)
                )
    end as nearest_year
from nearest
