-- The pieces of each reorganisation, proposed or past: of a landed footprint those of its newest file, which replaces
-- one of the same name that is part of Carequartile.
with

landed as (

    select * from {{ ref('stg_register__footprints') }}

),

files as (

    select source_id, received_at from {{ ref('stg_returns__source_file') }} where is_loaded

),

newest as (

    select
        landed.footprint,
        landed.source_id,
        row_number() over (
            partition by landed.footprint order by max(files.received_at) desc, landed.source_id
        ) as place
    from landed
    inner join files on landed.source_id = files.source_id
    group by landed.footprint, landed.source_id

),

pieces as (

    select landed.footprint, landed.old_council_code, landed.new_council, landed.share, landed.because
    from landed
    inner join newest
        on landed.footprint = newest.footprint and landed.source_id = newest.source_id and newest.place = 1
    union all
    select known.footprint, known.old_council_code, known.new_council, known.share, known.because
    from {{ ref('footprint') }} as known
    left join newest on known.footprint = newest.footprint
    where newest.footprint is null

)

select
    footprint,
    old_council_code,
    new_council,
    cast(share as {{ type_decimal() }}) as share,
    because,
    cast(sum(share) over (partition by footprint, old_council_code) as {{ type_decimal() }}) as shares_of_old
from pieces
