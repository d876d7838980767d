-- The measure catalogue, with labels in the words of a finance officer and the text that a search reads.
with

listed as (

    select * from {{ ref('int_measure_listed') }}

),

spending_words as (

    select * from {{ ref('spending_word') }}

),

derivations as (

    select * from {{ ref('derivation') }}

),

abbreviations as (

    select * from {{ ref('abbreviation') }}

),

price_basis as (

    select max(base_year) as base_year from {{ ref('dim_deflator') }} where is_current

),

-- What is divided: a ratio is named after the quantity of its numerator.
worded as (

    select
        listed.*,
        coalesce(own_words.words, numerator_words.words) as quantity_words,
        derivations.words as derivation_words,
        abbreviations.abbreviation,
        case
            when listed.service = 'All services' then listed.client_group
            -- HIV keeps its capital.
            when substr(listed.service, 2, 1) = upper(substr(listed.service, 2, 1))
                then concat(listed.client_group, ', ', listed.service)
            else concat(listed.client_group, ', ', lower(substr(listed.service, 1, 1)), substr(listed.service, 2))
        end as subject,
        case
            when listed.provision = 'own' and listed.quantity <> 'own_provision_share' then ', own provision'
            when listed.provision = 'others' then ', provision by others'
            else ''
        end as provision_words,
        case when listed.age_band is null then '' else concat(' aged ', lower(listed.age_band)) end as ages
    from listed
    left join spending_words as own_words on listed.quantity = own_words.quantity
    left join listed as numerators
        on
            listed.numerator_measure_id = numerators.measure_id
            and listed.definition_version = numerators.definition_version
    left join spending_words as numerator_words on numerators.quantity = numerator_words.quantity
    left join derivations on listed.derivation = derivations.derivation and listed.derivation <> 'sum'
    left join abbreviations on lower(listed.client_group) = abbreviations.meaning

),

labelled as (

    select
        worded.*,
        case
            -- Curated by hand: its own label, and what a unit cost is the cost of.
            when worded.quantity_words is null and worded.derivation is null and worded.unit like 'GBP per %'
                then concat(worded.label, ': cost ', substr(worded.unit, 5))
            when worded.quantity_words is null
                then worded.label
            when worded.derivation = 'per_head'
                then concat(worded.subject, ': ', worded.quantity_words, ' per resident', worded.ages)
            when worded.derivation in ('people_per_1000', 'own_provision_share')
                then concat(worded.subject, worded.ages, ': ', worded.derivation_words, worded.provision_words)
            when worded.derivation_words is not null
                then concat(worded.subject, worded.ages, ': ', worded.quantity_words, ', ', worded.derivation_words)
            else concat(
                worded.subject, worded.ages, ': ', worded.quantity_words, worded.provision_words,
                case
                    when
                        worded.is_net_of_income and worded.quantity not like '%net_%'
                        then ', supported by the council only'
                    else ''
                end
            )
        end as words
    from worded

)

select
    labelled.measure_id,
    labelled.definition_version,
    labelled.words as label,
    labelled.unit,
    labelled.polarity,
    labelled.client_group,
    labelled.age_band,
    labelled.service,
    labelled.provision,
    labelled.denominator_unit,
    labelled.is_net_of_income,
    labelled.family,
    labelled.quantity,
    labelled.is_leaf,
    labelled.derivation,
    labelled.comparable_from,
    labelled.comparable_to,
    labelled.measure_key,
    lower(
        concat(
            labelled.words, ' | ', labelled.label, ' | ', labelled.unit, ' | ', replace(labelled.measure_id, '_', ' '),
            case when labelled.abbreviation is null then '' else concat(' | ', labelled.abbreviation) end
        )
    ) as search_text,
    case
        when labelled.unit like 'GBP%' and price_basis.base_year is not null
            then concat(labelled.words, ', ', price_basis.base_year, ' prices')
    end as label_real
from labelled
cross join price_basis
