-- The lines of spending that councils are compared by: printed, or expected of the return and in no file of the year,
-- or printed in words that no one knows. The last two are parts of totals all the same: a total without them is not
-- the total.
with

lines as (

    select * from {{ ref('int_line') }}

),

quantities as (

    select * from {{ ref('quantity') }} where is_compared = 'true'

),

services as (

    select * from {{ ref('service') }}

),

collections as (

    select * from {{ ref('collection') }}

),

-- England's series of the publisher has lines that no council returns: they are no part of a council's totals.
of_councils as (

    select distinct line_key from {{ ref('int_return_cell') }} where area_kind = 'council'

),

-- Voluntary lines are excluded from totals and benchmarks: the councils that happen to send them are not a peer group.
printed as (

    select
        lines.financial_year,
        lines.collection,
        lines.client,
        lines.client_group_label,
        lines.age_band,
        lines.service,
        lines.service_label,
        lines.quantity,
        lines.quantity_label,
        lines.family,
        lines.measure_id,
        lines.definition_version,
        max(case when lines.is_leaf and of_councils.line_key is not null then 1 else 0 end) = 1 as is_leaf,
        lines.comparable_from,
        lines.comparable_to
    from lines
    inner join quantities on lines.quantity = quantities.quantity
    left join of_councils on lines.line_key = of_councils.line_key
    where
        lines.role = 'value' and lines.is_composed and not lines.is_voluntary and lines.provision = 'all'
        and not lines.is_net_of_income
    group by
        lines.financial_year, lines.collection, lines.client, lines.client_group_label, lines.age_band, lines.service,
        lines.service_label, lines.quantity, lines.quantity_label, lines.family, lines.measure_id,
        lines.definition_version, lines.comparable_from, lines.comparable_to

),

-- The lines that add up to all of a quantity are of one definition in a year.
quantities_of_year as (

    select
        financial_year,
        collection,
        quantity,
        max(quantity_label) as quantity_label,
        max(family) as family,
        max(definition_version) as definition_version,
        max(comparable_from) as comparable_from,
        min(comparable_to) as comparable_to
    from printed
    where is_leaf
    group by financial_year, collection, quantity

),

absent as (

    select distinct
        expected.financial_year,
        expected.collection,
        expected.client,
        expected.client_group_label,
        nullif(expected.age_band, '') as age_band,
        expected.service,
        expected.service_label,
        expected.quantity,
        quantities_of_year.quantity_label,
        quantities_of_year.family,
        expected.measure_id,
        quantities_of_year.definition_version,
        expected.is_leaf,
        quantities_of_year.comparable_from,
        quantities_of_year.comparable_to
    from {{ ref('int_expected_line') }} as expected
    inner join quantities_of_year
        on
            expected.financial_year = quantities_of_year.financial_year
            and expected.collection = quantities_of_year.collection
            and expected.quantity = quantities_of_year.quantity
    left join printed
        on expected.financial_year = printed.financial_year and expected.measure_id = printed.measure_id
    where expected.is_leaf and printed.measure_id is null

),

-- A line whose words no one knows may be a part of its client group's total, and of all spending.
unknown as (

    select distinct
        lines.financial_year,
        lines.collection,
        coalesce(nullif(lines.client, ''), 'unknown') as client,
        lines.client_group_label,
        lines.age_band,
        'unknown' as service,
        cast(null as {{ dbt.type_string() }}) as service_label,
        lines.quantity,
        quantities_of_year.quantity_label,
        quantities_of_year.family,
        concat('unknown line ', lines.line) as measure_id,
        quantities_of_year.definition_version,
        true as is_leaf,
        quantities_of_year.comparable_from,
        quantities_of_year.comparable_to
    from lines
    inner join of_councils on lines.line_key = of_councils.line_key
    inner join quantities_of_year
        on
            lines.financial_year = quantities_of_year.financial_year
            and lines.collection = quantities_of_year.collection
            and lines.quantity = quantities_of_year.quantity
    where
        lines.role = 'value' and lines.measure_id is null and not lines.is_voluntary
        and coalesce(lines.provision, 'all') = 'all'

),

both_kinds as (

    select
        *, -- noqa: AM04
        true as is_printed
    from printed
    union all
    select
        *, -- noqa: AM04
        false as is_printed
    from absent
    union all
    select
        *, -- noqa: AM04
        false as is_printed
    from unknown

)

select
    both_kinds.financial_year,
    both_kinds.collection,
    both_kinds.client,
    both_kinds.client_group_label,
    both_kinds.age_band,
    both_kinds.service,
    both_kinds.service_label,
    both_kinds.quantity,
    both_kinds.quantity_label,
    both_kinds.family,
    both_kinds.measure_id,
    both_kinds.definition_version,
    both_kinds.is_leaf,
    both_kinds.is_printed,
    both_kinds.comparable_from,
    both_kinds.comparable_to,
    coalesce(services.setting, '') as setting,
    coalesce(services.whole, '') as whole_service,
    collections.adds_up
from both_kinds
inner join collections on both_kinds.collection = collections.collection
left join services on both_kinds.service = services.service
