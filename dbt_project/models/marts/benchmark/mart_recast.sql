-- Mergers add exactly. A split is bounded from both sides: by what the part's own residents can cost, and by what is
-- left when the rest has cost the least or the most it can.
with

pieces as (

    select
        *,
        cast(spend as double) as amount,
        cast(share as double) * residents as part_residents,
        (1 - cast(share as double)) * residents as rest_residents,
        cast(spend as double) / residents * cast(lowest_ratio as double) as low_rate,
        cast(spend as double) / residents * cast(highest_ratio as double) as high_rate
    from {{ ref('int_recast_piece') }}

),

bounded as (

    select
        *,
        case
            when share = 1 then amount
            when part_residents * low_rate > amount - rest_residents * high_rate then part_residents * low_rate
            else amount - rest_residents * high_rate
        end as low,
        case
            when share = 1 then amount
            when part_residents * high_rate < amount - rest_residents * low_rate then part_residents * high_rate
            else amount - rest_residents * low_rate
        end as high
    from pieces

),

together as (

    select
        footprint,
        new_council,
        financial_year,
        measure_id,
        definition_version,
        count(*) as n_old_councils,
        {{ joined_list('old_council') }} as old_councils,
        sum(case when share < 1 then 1 else 0 end) as n_parts,
        {{ joined_list('case when share < 1 then old_council end') }} as split_councils,
        {{ joined_list("case when why_not is not null then concat(old_council, ': ', why_not) end") }} as why_not,
        sum(spend) as whole_spend,
        sum(low) as low,
        sum(high) as high,
        case when count(*) = count(part_residents) then sum(part_residents) end as residents,
        {{ joined_list('resident_year') }} as resident_years
    from bounded
    group by footprint, new_council, financial_year, measure_id, definition_version

),

judged as (

    select
        *,
        coalesce(why_not, '') = '' as is_known,
        n_parts = 0 as is_exact
    from together

)

select
    footprint,
    new_council,
    financial_year,
    measure_id,
    definition_version,
    cast(n_old_councils as integer) as n_old_councils,
    old_councils,
    true as is_recast,
    is_exact,
    cast({{ rounded('residents') }} as {{ type_decimal() }}) as residents,
    nullif(resident_years, '') as resident_years,
    {%- for name in ['low', 'high'] %}
    cast(
        case when is_known and is_exact then whole_spend when is_known then {{ rounded(name) }} end
        as {{ type_decimal() }}
    ) as spend_{{ name }}_gbp,
    cast(
        case when is_known then {{ ratio(name, 'residents') }} end as {{ type_rate() }}
    ) as spend_{{ name }}_per_head,
    {%- endfor %}
    case
        when not is_known then concat('No amount of ', new_council, ', because of ', why_not, '.')
        when is_exact
            then concat('Recast: ', old_councils, ' as a whole; ', new_council, ' itself reported nothing.')
        else concat(
            'Recast: bounds, because of ', split_councils, ' only a part goes to ', new_council,
            ', and what a part spent is not known.'
        )
    end as basis
from judged
