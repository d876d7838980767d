-- What gate A asks of how much is spent per resident: is it in keeping with England's median, with the nearest returns
-- before and after it, and with what the council books under its other support reasons?
with

fewest as (

    {{ parameter('fewest_councils_of_a_median', 'integer') }}

),

least as (

    {{ parameter('least_gap_judged', 'integer') }}

),

levels as (

    select levels.*
    from {{ ref('int_spend_level') }} as levels
    cross join fewest
    where levels.england_n >= fewest.fewest_councils_of_a_median

),

groups as (

    select client_group, label from {{ ref('client_group') }} where is_total = 'false'

),

notes as (

    select * from {{ ref('published_note') }}

),

-- Smaller gaps move no comparison, and are most lines; what is negative is judged whatever its size.
judged as (

    select
        levels.*,
        abs(levels.excess_gbp) as gap_gbp,
        notes.as_printed as published_note
    from levels
    cross join least
    left join groups on levels.client = groups.client_group
    left join notes
        on
            levels.council_code = notes.council_code
            and levels.financial_year = notes.financial_year
            and notes.scope = 'primary_support_reason'
            -- The reasons that are split by age are the primary support reasons; only they are apportioned.
            and groups.client_group is not null
            and levels.age_band in ('18 to 64', '65 and over')
    where abs(levels.excess_gbp) >= least.least_gap_judged or levels.value < 0 or notes.as_printed is not null

),

other_years as (

    select
        judged.figure_id,
        others.financial_year,
        others.spend_per_head,
        others.peer_ratio,
        -- Within a factor of two of the judged one, on the same side of zero.
        coalesce(
            {{ ratio('others.peer_ratio', 'judged.peer_ratio') }} > 0.5
            and {{ ratio('others.peer_ratio', 'judged.peer_ratio') }} < 2,
            false
        ) as is_alike,
        row_number() over (
            partition by judged.figure_id, case when others.first_year < judged.first_year then 0 else 1 end
            order by abs(others.first_year - judged.first_year)
        ) as place
    from judged
    inner join levels as others
        on
            judged.council_code = others.council_code
            and judged.measure_id = others.measure_id
            and judged.definition_version = others.definition_version
            and judged.first_year <> others.first_year

),

neighbours as (

    select
        figure_id,
        cast(sum(case when place = 1 then 1 else 0 end) as integer) as n_neighbours,
        cast(sum(case when is_alike then 1 else 0 end) as integer) as n_returns_alike,
        max(case when place = 1 then peer_ratio end) as highest_ratio,
        min(case when place = 1 then peer_ratio end) as lowest_ratio,
        min_by(case when place = 1 then financial_year end, case when place = 1 then peer_ratio end) as lowest_year,
        max_by(case when place = 1 then financial_year end, case when place = 1 then peer_ratio end) as highest_year
    from other_years
    group by figure_id

),

reasons as (

    select levels.*, groups.label as reason
    from levels
    inner join groups on levels.client = groups.client_group
    where levels.age_band in ('18 to 64', '65 and over')

),

-- What is on the other side of England's median among the other reasons of the same age and service.
sisters as (

    select
        judged.figure_id,
        {{ ratio('sum(reasons.spend_per_head)', 'sum(reasons.england_median)') }} as reasons_ratio,
        cast(sum(
            case
                when reasons.client = judged.client then 0
                when judged.excess_gbp > 0 and reasons.excess_gbp < 0 then -reasons.excess_gbp
                when judged.excess_gbp < 0 and reasons.excess_gbp > 0 then reasons.excess_gbp
                else 0
            end
        ) as {{ type_decimal() }}) as sister_gap_gbp,
        max(case when whole.client = reasons.client and whole.client = judged.client then whole.peer_ratio end)
            as reason_ratio,
        max_by(reasons.reason, case
            when reasons.client = judged.client then null
            when judged.excess_gbp > 0 then -reasons.excess_gbp
            else reasons.excess_gbp
        end) as sister_reason,
        cast(count(*) as integer) as n_reasons
    from judged
    inner join reasons
        on
            judged.council_code = reasons.council_code
            and judged.financial_year = reasons.financial_year
            and judged.age_band = reasons.age_band
            and judged.service = reasons.service
            and judged.quantity = reasons.quantity
            and judged.definition_version = reasons.definition_version
    inner join groups on judged.client = groups.client_group
    left join levels as whole
        on
            judged.council_code = whole.council_code
            and judged.financial_year = whole.financial_year
            and judged.client = whole.client
            and judged.age_band = whole.age_band
            and judged.quantity = whole.quantity
            and judged.definition_version = whole.definition_version
            and whole.service = ''
    group by judged.figure_id

)

select
    judged.release_id,
    releases.file_name,
    judged.financial_year,
    judged.council_code,
    judged.measure_id,
    judged.figure_id,
    judged.row_number,
    judged.column_number,
    judged.value,
    judged.spend_per_head,
    judged.england_median,
    judged.england_n,
    judged.peer_ratio,
    judged.excess_gbp,
    judged.gap_gbp,
    neighbours.n_neighbours,
    coalesce(neighbours.n_returns_alike, 0) as n_returns_alike,
    case when judged.excess_gbp > 0 then neighbours.highest_ratio else neighbours.lowest_ratio end as neighbour_ratio,
    case when judged.excess_gbp > 0 then neighbours.highest_year else neighbours.lowest_year end as neighbour_year,
    case
        when judged.excess_gbp > 0 and neighbours.highest_ratio > 0
            then {{ ratio('judged.peer_ratio', 'neighbours.highest_ratio') }}
        when judged.excess_gbp < 0 and judged.peer_ratio > 0
            then {{ ratio('neighbours.lowest_ratio', 'judged.peer_ratio') }}
    end as shift,
    sisters.n_reasons,
    sisters.reasons_ratio,
    sisters.reason_ratio,
    case
        when sisters.reason_ratio is null then null
        when judged.excess_gbp > 0 then sisters.reason_ratio
        when sisters.reason_ratio > 0 then {{ ratio('1', 'sisters.reason_ratio') }}
        else 1000
    end as reason_factor,
    sisters.sister_gap_gbp,
    {{ ratio('sisters.sister_gap_gbp', 'judged.gap_gbp') }} as sister_share,
    sisters.sister_reason,
    judged.published_note,
    case when judged.published_note is null then 0 else 1 end as n_notes
from judged
left join neighbours on judged.figure_id = neighbours.figure_id
left join sisters on judged.figure_id = sisters.figure_id
left join {{ ref('int_release') }} as releases on judged.release_id = releases.release_id
