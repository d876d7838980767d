-- What gate B asks of each row of the registers of returns that the user landed: is it used for anything that is
-- published?
with

files as (

    select source_id, file_name, received_at from {{ ref('stg_returns__source_file') }} where is_loaded

),

figures as (

    select distinct
        printed.measure_id,
        figures.council_code,
        printed.financial_year
    from {{ ref('int_figure') }} as figures
    inner join {{ ref('int_line') }} as printed on figures.line_key = printed.line_key

),

reporting as (

    select distinct council_code from figures

),

savings as (

    select distinct measure_id, council_code, financial_year from {{ ref('int_saving_volume') }}

),

words as (

    {%- for dimension in ['client_group', 'age_band', 'service', 'provision', 'data_type'] %}
    select distinct sheets.term_set, '{{ dimension }}' as dimension, printed.{{ dimension }} as printed
    from {{ ref('int_printed_line') }} as printed
    inner join {{ ref('stg_returns__source_sheet') }} as sheets on printed.sheet_id = sheets.sheet_id
    union all
    {%- endfor %}
    select distinct sheets.term_set, 'quantity' as dimension, lower(printed.component) as printed
    from {{ ref('int_printed_line') }} as printed
    inner join {{ ref('stg_returns__source_sheet') }} as sheets on printed.sheet_id = sheets.sheet_id

),

rulings as (

    select
        rulings.source_id,
        rulings.row_number,
        concat('ruling on ', rulings.measure_id, ' of ', rulings.council_code, ' in ', rulings.financial_year)
            as what,
        'no figure of that measure, council and year is loaded' as why,
        max(case when figures.measure_id is null then 0 else 1 end) as n_uses
    from {{ ref('stg_register__rulings') }} as rulings
    left join figures
        on
            rulings.measure_id = figures.measure_id
            and rulings.financial_year = figures.financial_year
            and rulings.council_code in ('*', figures.council_code)
    group by
        rulings.source_id, rulings.row_number, rulings.measure_id, rulings.council_code, rulings.financial_year

),

targets as (

    select
        targets.source_id,
        targets.row_number,
        concat('target for ', targets.measure_id, ' of ', targets.council_code, ' in ', targets.financial_year)
            as what,
        'no believed figure meets it' as why,
        max(case when savings.measure_id is null then 0 else 1 end) as n_uses
    from {{ ref('stg_register__targets') }} as targets
    left join savings
        on
            targets.measure_id = savings.measure_id
            and targets.financial_year = savings.financial_year
            and targets.council_code in ('*', savings.council_code)
    group by
        targets.source_id, targets.row_number, targets.measure_id, targets.council_code, targets.financial_year

),

peers as (

    select
        peers.source_id,
        peers.row_number,
        concat('peer ', peers.peer_code, ' of ', peers.council_code, ' in peer set ', peers.peer_set) as what,
        case
            when councils.council_code is null then concat('no figure of council ', peers.council_code, ' is loaded')
            else concat('no figure of the peer ', peers.peer_code, ' is loaded')
        end as why,
        case when councils.council_code is null or others.council_code is null then 0 else 1 end as n_uses
    from {{ ref('stg_register__peer_sets') }} as peers
    left join reporting as councils on peers.council_code = councils.council_code
    left join reporting as others on peers.peer_code = others.council_code

),

terms as (

    select
        terms.source_id,
        terms.row_number,
        concat('word ', terms.printed, ' for the ', terms.dimension, ' of ', terms.term_set) as what,
        'no file that is loaded prints it, or the catalogue knows it already' as why,
        case when words.printed is null or known.printed is not null then 0 else 1 end as n_uses
    from {{ ref('stg_register__terms') }} as terms
    left join words
        on terms.term_set = words.term_set and terms.dimension = words.dimension and terms.printed = words.printed
    left join {{ ref('term') }} as known
        on terms.term_set = known.collection and terms.dimension = known.dimension and terms.printed = known.printed

),

releases as (

    select
        releases.source_id,
        releases.row_number,
        concat('release ', left(releases.sha256, 12)) as what,
        'no file with that sha256 is loaded' as why,
        case when loaded.source_id is null then 0 else 1 end as n_uses
    from {{ ref('stg_register__releases') }} as releases
    left join files as loaded on releases.sha256 = loaded.source_id

),

documents as (

    select source_id, row_number, council, document from {{ ref('stg_register__programme_registers') }}
    union all
    select source_id, row_number, council, {{ annex_document() }} as document
    from {{ ref('stg_register__programme_savings') }}

),

-- Of several files of one document the one received last counts (int_programme_saving).
ranked as (

    select
        documents.*,
        dense_rank() over (
            partition by documents.document order by files.received_at desc, documents.source_id
        ) as rank_of_file
    from documents
    inner join files on documents.source_id = files.source_id

),

programmes as (

    select
        source_id,
        row_number,
        concat('saving of ', council, ' in ', document) as what,
        'a file that was landed later has the savings of that document' as why,
        case when rank_of_file = 1 then 1 else 0 end as n_uses
    from ranked

),

footprints as (

    select
        footprints.source_id,
        footprints.row_number,
        concat('share of ', footprints.old_council_code, ' in footprint ', footprints.footprint) as what,
        concat('no figure of council ', footprints.old_council_code, ' is loaded') as why,
        case when reporting.council_code is null then 0 else 1 end as n_uses
    from {{ ref('stg_register__footprints') }} as footprints
    left join reporting on footprints.old_council_code = reporting.council_code

),

kept as (
    {%- for register in ['rulings', 'targets', 'peers', 'terms', 'footprints', 'releases', 'programmes'] %}

    select source_id, row_number, what, why, n_uses from {{ register }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    concat(kept.source_id, ':', kept.row_number) as release_id,
    files.file_name,
    kept.row_number,
    kept.what,
    kept.why,
    kept.n_uses,
    {{ no_finding_columns(['council_code', 'financial_year', 'measure_id', 'figure_id', 'column_number']) }}
from kept
inner join files on kept.source_id = files.source_id
