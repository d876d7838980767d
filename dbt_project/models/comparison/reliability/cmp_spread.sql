-- How much the figure of a council differs from another of its own within two years (noise), and how much councils
-- differ (spread). Each by what nine tenths do not exceed, over what that is for a normal deviate: one figure in ten
-- may be as wrong as it likes, and an interval of 90% holds for tails that are longer than normal.
with

deviations as (

    select * from {{ ref('cmp_deviation') }}

),

pairs as (

    select
        earlier.measure_id,
        earlier.definition_version,
        abs(later.deviation - earlier.deviation) as difference
    from deviations as earlier
    inner join deviations as later
        on
            earlier.measure_id = later.measure_id
            and earlier.definition_version = later.definition_version
            and earlier.council_code = later.council_code
            and later.first_year between earlier.first_year + 1 and earlier.first_year + 2

),

noises as (

    select
        measure_id,
        definition_version,
        count(*) as n_pairs,
        cast({{ ninetieth('difference') }} as double) / (sqrt(2) * {{ ninety_pct_z() }}) as noise
    from pairs
    group by measure_id, definition_version

),

spreads as (

    select
        measure_id,
        definition_version,
        count(*) as n_figures,
        cast({{ ninetieth('abs(deviation)') }} as double) / {{ ninety_pct_z() }} as spread
    from deviations
    group by measure_id, definition_version

),

parameters as (

    {{ parameter('fewest_pairs_of_a_noise', 'integer') }}

),

-- A definition of one year has no noise of its own: it takes that of the definition with most pairs.
lent as (

    select
        noises.measure_id,
        noises.definition_version,
        noises.noise,
        row_number() over (
            partition by noises.measure_id order by noises.n_pairs desc, noises.definition_version
        ) as place
    from noises
    cross join parameters
    where noises.n_pairs >= parameters.fewest_pairs_of_a_noise

),

together as (

    select
        spreads.measure_id,
        spreads.definition_version,
        spreads.n_figures,
        coalesce(noises.n_pairs, 0) as n_pairs,
        spreads.spread,
        case when noises.n_pairs >= parameters.fewest_pairs_of_a_noise then noises.noise else lent.noise end as noise,
        case
            when noises.n_pairs >= parameters.fewest_pairs_of_a_noise then spreads.definition_version
            else lent.definition_version
        end as noise_from
    from spreads
    cross join parameters
    left join noises
        on spreads.measure_id = noises.measure_id and spreads.definition_version = noises.definition_version
    left join lent on spreads.measure_id = lent.measure_id and lent.place = 1

)

select
    measure_id,
    definition_version,
    n_figures,
    n_pairs,
    spread,
    noise,
    noise_from,
    -- What is left of the spread when the noise is taken out of it: how much the usual levels of councils differ.
    case when spread > noise then spread * spread - noise * noise else 0 end as level_variance
from together
