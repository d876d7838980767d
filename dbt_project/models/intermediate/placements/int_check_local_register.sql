-- What gate A asks of each row of the registers of placements that the user landed: is it used for anything that is
-- made of a snapshot? Case reviews have their rule, case_review_has_line.
{%- set dated_registers = {
    'placement_parameters': ['parameter', 'parameter'],
    'placement_bands': ['band', 'band'],
    'move_risk_tiers': ['tier', 'move_risk'],
    'publish_local': ['publication of cells by', 'cell_kind']
} %}
with

files as (

    select source_id, file_name from {{ ref('stg_returns__source_file') }} where is_loaded

),

snapshots as (

    select snapshot_id, council_code, snapshot_date from {{ ref('int_snapshot') }}

),

pairs as (

    select
        pairs.source_id,
        pairs.row_number,
        concat('pair of ', pairs.council_code, ', ', pairs.from_date, ' to ', pairs.to_date) as what,
        'one of the two snapshots is not loaded' as why,
        max(case when earlier.snapshot_id is null or later.snapshot_id is null then 0 else 1 end) as n_uses
    from {{ ref('stg_register__snapshot_pairs') }} as pairs
    left join snapshots as earlier
        on pairs.council_code = earlier.council_code and pairs.from_date = earlier.snapshot_date
    left join snapshots as later
        on pairs.council_code = later.council_code and pairs.to_date = later.snapshot_date
    group by pairs.source_id, pairs.row_number, pairs.council_code, pairs.from_date, pairs.to_date

),

dated as (

    {%- for model, (what, column) in dated_registers.items() %}
    select
        source_id,
        row_number,
        council_code,
        from_date,
        concat('{{ what }} ', {{ column }}) as what
    from {{ ref('stg_register__' ~ model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

decided as (

    select
        dated.source_id,
        dated.row_number,
        concat(dated.what, ' of ', dated.council_code, ' from ', dated.from_date) as what,
        'no snapshot of that council and time is loaded' as why,
        max(case when snapshots.snapshot_id is null then 0 else 1 end) as n_uses
    from dated
    left join snapshots
        on dated.council_code in ('*', snapshots.council_code) and dated.from_date <= snapshots.snapshot_date
    group by dated.source_id, dated.row_number, dated.what, dated.council_code, dated.from_date

),

kept as (

    select source_id, row_number, what, why, n_uses from pairs
    union all
    select source_id, row_number, what, why, n_uses from decided

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
