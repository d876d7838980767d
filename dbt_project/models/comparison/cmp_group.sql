-- The values of each group in ascending order, with the sums that averages are calculated from.
with

ranked as (

    select * from {{ ref('cmp_value') }}

),

members as (

    select * from {{ ref('int_peer_member') }}

)

select
    ranked.series_key,
    ranked.basis_key,
    members.group_key,
    count(*) as n_members,
    sum(ranked.value) as total,
    sum(ranked.numerator) as numerator,
    sum(ranked.denominator) as denominator,
    {{ sorted_values('ranked.value') }} as sorted,
    min(case when ranked.is_same_in_both then 1 else 0 end) = 1 as is_same_in_both
from ranked
inner join members
    on ranked.council_code = members.member_code and ranked.financial_year = members.financial_year
group by ranked.series_key, ranked.basis_key, members.group_key
