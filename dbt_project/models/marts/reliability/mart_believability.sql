-- What the marts of reliability say of one figure, in one sentence with its numbers beside it.
with

headlines as (

    select * from {{ ref('believed_measure') }}

),

reliabilities as (

    select * from {{ ref('mart_reliability') }}

),

measures as (

    select measure_id, definition_version, label from {{ ref('dim_measure') }}

),

records as (

    select * from {{ ref('mart_quartile_record') }} where peer_set = 'england' and basis = 'excluding_flagged'

),

persistence as (

    select *
    from {{ ref('mart_persistence') }}
    where peer_set = 'england' and basis = 'excluding_flagged' and from_year = 'all'

),

-- Ways of asking are the same whatever saving is stated.
savings as (

    select
        figure_id,
        max(n_ways) as n_ways,
        max(n_saving) as n_saving
    from {{ ref('mart_saving_robustness') }}
    group by figure_id

),

together as (

    select
        reliabilities.*,
        headlines.topic,
        coalesce(measures.label, reliabilities.measure_id) as measure,
        {{ quarter_words('reliabilities.quartile_band') }} as quarter,
        records.n_years as n_years_of_record,
        records.earliest_year as record_from_year,
        records.latest_year as record_to_year,
        {%- set names = ['lowest', 'second', 'third', 'highest'] %}
        case reliabilities.quartile_band
            {%- for name in names %}
            when {{ loop.index }} then records.n_years_{{ name }}
            {%- endfor %}
        end as n_years_in_quarter,
        case reliabilities.quartile_band
            {%- for name in names %}
            when {{ loop.index }} then reliabilities.{{ name }}_quarter_pct
            {%- endfor %}
        end as in_quarter_pct,
        next_year.n_councils as n_councils_next_year,
        next_year.still_there_pct as still_there_next_year_pct,
        three_years.n_councils as n_councils_three_years_on,
        three_years.still_there_pct as still_there_three_years_on_pct,
        savings.n_ways,
        savings.n_saving
    from reliabilities
    inner join headlines on reliabilities.measure_id = headlines.measure_id
    inner join records
        on reliabilities.council_code = records.council_code and reliabilities.measure_id = records.measure_id
    left join measures
        on
            reliabilities.measure_id = measures.measure_id
            and reliabilities.definition_version = measures.definition_version
    {%- for name, years_on in [('next_year', 1), ('three_years', 3)] %}
    left join persistence as {{ name }}
        on
            reliabilities.measure_id = {{ name }}.measure_id
            and reliabilities.definition_version = {{ name }}.definition_version
            and reliabilities.quartile_band = {{ name }}.quartile_band
            and {{ name }}.years_on = {{ years_on }}
    {%- endfor %}
    left join savings on reliabilities.figure_id = savings.figure_id

)

select
    figure_id,
    council_code,
    council,
    financial_year,
    topic,
    measure_id,
    definition_version,
    measure,
    value,
    unit,
    verdict,
    quartile_band,
    rank_in_england,
    n_ranked,
    n_years_in_quarter,
    n_years_of_record,
    record_from_year,
    record_to_year,
    n_councils_next_year,
    still_there_next_year_pct,
    n_councils_three_years_on,
    still_there_three_years_on_pct,
    noise_pct,
    reliability,
    n_panel_years,
    usual_value,
    usual_low,
    usual_high,
    rank_low,
    rank_high,
    in_quarter_pct,
    n_ways,
    n_saving,
    why_no_interval,
    concat(
        measure, ': ', council, ' was in the ', quarter, ' quarter of England in ', financial_year, ' (',
        cast(rank_in_england as {{ dbt.type_string() }}), ' of ', cast(n_ranked as {{ dbt.type_string() }}),
        ', the lowest first)',
        case
            when n_years_of_record = 1 then ', the only year there is'
            else
                concat(
                    ', as in ', cast(n_years_in_quarter as {{ dbt.type_string() }}), ' of its ',
                    cast(n_years_of_record as {{ dbt.type_string() }}), ' years from ', record_from_year, ' to ',
                    record_to_year
                )
        end,
        case
            when n_councils_next_year is null
                then '; no council can be followed to the next year in this definition'
            else
                concat(
                    '; of councils in that quarter ', {{ whole_pct('still_there_next_year_pct') }},
                    ' were there a year later (by chance 25%)'
                )
        end,
        case
            when why_no_interval is not null
                then concat('; how much of this is chance is not known: ', why_no_interval)
            when n_panel_years = 1
                then concat(
                    '; by this one year its usual level is between ranks ', cast(rank_low as {{ dbt.type_string() }}),
                    ' and ', cast(rank_high as {{ dbt.type_string() }}), ', and in that quarter with a chance of ',
                    {{ whole_pct('in_quarter_pct') }}
                )
            else
                concat(
                    '; by ', cast(n_panel_years as {{ dbt.type_string() }}),
                    ' years its usual level is between ranks ', cast(rank_low as {{ dbt.type_string() }}), ' and ',
                    cast(rank_high as {{ dbt.type_string() }}), ', and in that quarter with a chance of ',
                    {{ whole_pct('in_quarter_pct') }}
                )
        end,
        case
            when n_ways is not null
                then concat(
                    '; a saving appears in ', cast(n_saving as {{ dbt.type_string() }}), ' of ',
                    cast(n_ways as {{ dbt.type_string() }}), ' ways of asking'
                )
            else ''
        end,
        '.'
    ) as sentence
from together
