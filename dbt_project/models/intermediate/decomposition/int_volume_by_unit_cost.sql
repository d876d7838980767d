-- The services of a client group that a return prints a unit cost of: its numerator is the spend, its denominator the
-- volume, with own provision and provision by others where they are printed too.
with

volumes as (

    select * from {{ ref('int_volume') }}

),

parts as (

    select * from {{ ref('measure_part') }} where kind = 'complete'

),

-- A denominator that is off by exactly the weeks of a year is taken as what it is.
figures as (

    select
        figures.*,
        coalesce(recomputed.believed_denominator, figures.denominator) as volume
    from {{ ref('fct_figure') }} as figures
    left join {{ ref('int_unit_cost_recomputed') }} as recomputed on figures.figure_id = recomputed.figure_id
    where figures.is_current

),

bought as (

    select
        whole.financial_year,
        whole.client,
        whole.client_group_label,
        whole.age_band,
        whole.service,
        whole.definition_version,
        whole.measure_id as whole_measure_id,
        max(case when part.provision = 'own' then part.measure_id end) as own_measure_id,
        max(case when part.provision = 'others' then part.measure_id end) as others_measure_id
    from volumes as whole
    left join parts on whole.measure_id = parts.whole_measure_id
    left join volumes as part
        on
            parts.part_measure_id = part.measure_id
            and whole.financial_year = part.financial_year
            and whole.definition_version = part.definition_version
    where whole.service is not null and whole.provision = 'all'
    group by
        whole.financial_year, whole.client, whole.client_group_label, whole.age_band, whole.service,
        whole.definition_version, whole.measure_id

)

select
    bought.financial_year,
    bought.client,
    bought.client_group_label,
    bought.age_band,
    bought.service,
    whole.council_code,
    whole.numerator as spend,
    whole.volume,
    whole.denominator_unit as volume_unit,
    own.numerator as own_spend,
    own.volume as own_volume,
    others.numerator as others_spend,
    others.volume as others_volume,
    whole.verdict
from bought
inner join figures as whole
    on
        bought.financial_year = whole.financial_year
        and bought.whole_measure_id = whole.measure_id
        and bought.definition_version = whole.definition_version
left join figures as own
    on
        whole.council_code = own.council_code
        and bought.financial_year = own.financial_year
        and bought.own_measure_id = own.measure_id
        and bought.definition_version = own.definition_version
left join figures as others
    on
        whole.council_code = others.council_code
        and bought.financial_year = others.financial_year
        and bought.others_measure_id = others.measure_id
        and bought.definition_version = others.definition_version
-- Spend that is returned without its weeks is spend; only its volume is not known.
where whole.numerator is not null
