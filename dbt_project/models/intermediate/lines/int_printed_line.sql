-- Each line that a file prints, once, with the words of its labels looked up in the list of words of its collection.
with

sheets as (

    select * from {{ ref('stg_returns__source_sheet') }} where is_return

),

row_lines as (

    select distinct
        sheet_id,
        financial_year,
        line,
        component,
        client_group,
        age_band,
        service,
        provision,
        data_type
    from {{ ref('stg_returns__row_label') }}

),

column_lines as (

    select distinct
        sheet_id,
        financial_year,
        line,
        component,
        client_group,
        age_band,
        service,
        provision
    from {{ ref('stg_returns__column_label') }}

),

printed as (

    select distinct
        sheets.sheet_id,
        sheets.source_id,
        sheets.layout,
        sheets.collection,
        sheets.term_set,
        sheets.has_parts,
        coalesce(row_lines.financial_year, column_lines.financial_year, sheets.financial_year) as financial_year,
        coalesce(row_lines.line, column_lines.line) as line,
        coalesce(row_lines.component, column_lines.component) as component,
        coalesce(row_lines.client_group, column_lines.client_group, '') as client_group,
        coalesce(row_lines.age_band, column_lines.age_band, '') as age_band,
        coalesce(row_lines.service, column_lines.service, '') as service,
        coalesce(row_lines.provision, column_lines.provision, '') as provision,
        coalesce(row_lines.data_type, '') as data_type
    from sheets
    inner join row_lines on sheets.sheet_id = row_lines.sheet_id
    left join column_lines on sheets.sheet_id = column_lines.sheet_id

),

-- The user's own words come after the catalogue's: what it knows keeps its meaning.
landed_terms as (

    select
        landed.term_set as collection,
        landed.dimension,
        landed.printed,
        max(landed.slug) as slug
    from {{ ref('stg_register__terms') }} as landed
    left join {{ ref('term') }} as known
        on
            landed.term_set = known.collection
            and landed.dimension = known.dimension
            and landed.printed = known.printed
    where known.collection is null
    group by landed.term_set, landed.dimension, landed.printed

),

terms as (

    select collection, dimension, printed, slug from {{ ref('term') }}
    union all
    select collection, dimension, printed, slug from landed_terms

),

{%- for dimension in ['client_group', 'age_band', 'service', 'provision', 'data_type', 'quantity'] %}

{{ dimension }}_terms as (

    select collection, coalesce(printed, '') as printed, coalesce(slug, '') as slug
    from terms
    where dimension = '{{ dimension }}'

){{ ',' if not loop.last }}
{%- endfor %}

select
    printed.sheet_id,
    printed.source_id,
    printed.layout,
    printed.collection,
    printed.has_parts,
    printed.financial_year,
    printed.line,
    printed.component,
    printed.client_group,
    printed.age_band,
    printed.service,
    printed.provision,
    printed.data_type,
    {%- for dimension in ['client_group', 'age_band', 'service', 'provision', 'data_type'] %}
    case
        when {{ dimension }}_terms.printed is not null then {{ dimension }}_terms.slug
        when replace(printed.{{ dimension }}, '|', '') = '' then ''
    end as {{ dimension }}_slug,
    {%- endfor %}
    quantity_terms.slug as quantity_slug
from
    printed
{%- for dimension in ['client_group', 'age_band', 'service', 'provision', 'data_type'] %}
left join {{ dimension }}_terms
on
    printed.term_set = {{ dimension }}_terms.collection
    and printed.{{ dimension }} = {{ dimension }}_terms.printed
{%- endfor %}
left join quantity_terms
    on printed.term_set = quantity_terms.collection and lower(printed.component) = quantity_terms.printed
