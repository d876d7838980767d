-- The lines that a release of its layout and year prints, with whether this one does. A line is expected in the
-- quantity the seed names, or else in every compared quantity (quantity.csv) that the release prints at all.
with

expected as (

    select
        layout,
        from_year,
        to_year,
        coalesce(quantity, '') as quantity,
        client_group as client,
        coalesce(age_band, '') as age_band,
        coalesce(service, '') as service,
        provision
    from {{ ref('expected_line') }}

),

lines as (

    select * from {{ ref('int_line') }} where role = 'value' and not is_voluntary

),

releases as (

    select distinct release_id, layout, collection, financial_year from lines

),

printed_quantities as (

    select distinct
        lines.release_id,
        lines.quantity
    from lines
    inner join {{ ref('quantity') }} as quantities on lines.quantity = quantities.quantity
    where quantities.is_compared = 'true'

),

due as (

    select
        releases.release_id,
        releases.collection,
        releases.financial_year,
        coalesce(printed_quantities.quantity, expected.quantity) as quantity,
        expected.client,
        expected.age_band,
        expected.service,
        expected.provision
    from releases
    inner join expected
        on
            releases.layout = expected.layout
            and releases.financial_year between expected.from_year and expected.to_year
    left join printed_quantities on expected.quantity = '' and releases.release_id = printed_quantities.release_id
    where expected.quantity <> '' or printed_quantities.quantity is not null

),

found as (

    select distinct
        release_id,
        quantity,
        client,
        coalesce(age_band, '') as age_band,
        coalesce(service, '') as service,
        provision
    from lines

)

select
    due.release_id,
    due.collection,
    due.financial_year,
    due.quantity,
    due.client,
    due.age_band,
    due.service,
    due.provision,
    {{ measure_id_of(
        'due.client', 'ages.slug', "due.age_band = '' or due.age_band = coalesce(groups.own_age_band, '')",
        'due.service', "case when due.provision = 'all' then '' else due.provision end", 'due.quantity'
    ) }} as measure_id,
    groups.label as client_group_label,
    services.label as service_label,
    {{ measure_label_of(
        'quantities.label', 'services.label', 'groups.label', "nullif(due.age_band, '')"
    ) }} as label,
    due.provision = 'all' and {{ is_leaf_line('due.service') }} as is_leaf,
    found.release_id is not null as is_printed
from due
left join {{ ref('client_group') }} as groups on due.client = groups.client_group
left join {{ ref('age_band') }} as ages on due.age_band = ages.age_band
left join {{ ref('service') }} as services on due.service = services.service
left join {{ ref('quantity') }} as quantities on due.quantity = quantities.quantity
left join found
    on
        due.release_id = found.release_id
        and due.quantity = found.quantity
        and due.client = found.client
        and due.age_band = found.age_band
        and due.service = found.service
        and due.provision = found.provision
