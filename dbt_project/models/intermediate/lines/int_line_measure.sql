-- Which measure a printed line is. A line is known by its code (measure_line, coded_line) or by the words of its labels
-- (int_printed_line).
with

worded as (

    select * from {{ ref('int_printed_line') }}

),

coded as (

    select
        worded.*,
        curated.measure_id as curated_measure_id,
        curated.definition_version as curated_definition_version,
        curated.denominator_per,
        curated.denominator_step,
        curated.numerator_step,
        case when codes.line is null then worded.client_group_slug else coalesce(codes.client_group, '') end as client,
        case when codes.line is null then worded.age_band_slug else coalesce(codes.age_band, '') end as age,
        case when codes.line is null then worded.service_slug else coalesce(codes.service, '') end as bought,
        case when codes.line is null then worded.provision_slug else coalesce(codes.provision, '') end as provider,
        codes.line is not null or worded.line is null or worded.client_group_slug <> '' as is_named
    from worded
    left join {{ ref('measure_line') }} as curated
        on
            worded.collection = curated.collection
            and worded.line = curated.line
            and worded.financial_year between curated.from_year and curated.to_year
    left join {{ ref('coded_line') }} as codes
        on
            worded.collection = codes.collection
            and worded.line = codes.line
            and worded.financial_year between codes.from_year and codes.to_year

),

composed as (

    select
        coded.*,
        groups.label as client_group_label,
        ages.slug as age_slug,
        services.label as service_label,
        quantities.label as quantity_label,
        quantities.unit,
        quantities.family,
        quantities.scale,
        quantities.polarity,
        -- Single providers are left out of the leaves too.
        coded.provider in ('', 'net') and {{ is_leaf_line('coded.bought') }} as is_leaf,
        case
            when
                coded.client is not null and coded.age is not null and coded.bought is not null
                and coded.provider is not null and coded.data_type_slug is not null
                and quantities.quantity is not null and coded.is_named
                then
                    {{ measure_id_of(
                        'coded.client', 'ages.slug', "coded.age = '' or coded.age = coalesce(groups.own_age_band, '')",
                        'coded.bought', 'coded.provider', 'quantities.quantity'
                    ) }}
        end as composed_measure_id
    from coded
    left join {{ ref('client_group') }} as groups on coded.client = groups.client_group
    left join {{ ref('age_band') }} as ages on coded.age = ages.age_band
    left join {{ ref('service') }} as services on coded.bought = services.service
    left join {{ ref('quantity') }} as quantities on coded.quantity_slug = quantities.quantity

),

-- Where several definitions apply, the one that names the client group takes precedence.
defined as (

    select
        composed.*,
        definitions.definition_version,
        definitions.from_year as comparable_from,
        definitions.to_year as comparable_to,
        row_number() over (
            partition by composed.sheet_id, composed.financial_year, composed.line, composed.component
            order by case when coalesce(definitions.client_group, '') = '' then 1 else 0 end, definitions.from_year
        ) as rank_named_first
    from composed
    left join {{ ref('definition') }} as definitions
        on
            composed.collection = definitions.collection
            and composed.family = definitions.family
            and (coalesce(definitions.client_group, '') = '' or composed.client = definitions.client_group)
            and composed.financial_year between definitions.from_year and definitions.to_year

)

select
    defined.sheet_id,
    defined.source_id,
    defined.layout,
    defined.collection,
    defined.financial_year,
    defined.line,
    defined.component,
    defined.has_parts,
    coalesce(defined.data_type_slug, '') = 'voluntary' as is_voluntary,
    coalesce(defined.curated_measure_id, defined.composed_measure_id) as measure_id,
    case
        when defined.curated_measure_id is not null then defined.curated_definition_version
        else defined.definition_version
    end as definition_version,
    defined.curated_measure_id is null and defined.composed_measure_id is not null as is_composed,
    coalesce(defined.is_leaf, false) as is_leaf,
    defined.client,
    defined.client_group_label,
    case when defined.age = '' then null else defined.age end as age_band,
    defined.bought as service,
    defined.service_label,
    case when defined.provider in ('', 'net') then 'all' else defined.provider end as provision,
    defined.provider = 'net' as is_net_of_income,
    defined.quantity_slug as quantity,
    defined.quantity_label,
    case when defined.curated_measure_id is null then defined.unit end as unit,
    case
        when defined.has_parts then 'unit_cost'
        when
            defined.curated_measure_id is not null
            then case defined.collection when 'ascof' then 'outcome' else 'activity' end
        else defined.family
    end as family,
    coalesce(defined.scale, 1) as scale,
    defined.polarity,
    defined.denominator_per,
    defined.denominator_step,
    defined.numerator_step,
    defined.comparable_from,
    defined.comparable_to,
    -- The labels that prevent a match, for the person who adds them to the lists of words.
    case
        when defined.curated_measure_id is null and defined.composed_measure_id is null
            then
                concat(
                    {%- for known, dimension, printed in [
                        ('client', 'client_group', 'client_group'), ('age', 'age_band', 'age_band'),
                        ('bought', 'service', 'service'), ('provider', 'provision', 'provision'),
                        ('data_type_slug', 'data_type', 'data_type'), ('quantity_slug', 'quantity', 'component')
                    ] %}
                    case
                        when defined.{{ known }} is null then concat(' {{ dimension }} ''', defined.{{ printed }}, '''')
                        else ''
                    end{{ ',' if not loop.last }}
                    {%- endfor %}
                )
    end as unknown_terms
from defined
where defined.rank_named_first = 1
