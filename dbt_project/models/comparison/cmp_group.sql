-- The values of each group in ascending order, with the sums that its averages need.
with

placed as (

    select * from {{ ref('cmp_value') }}

),

members as (

    select * from {{ ref('int_peer_member') }}

)

select
    placed.series_key,
    placed.basis_key,
    members.group_key,
    count(*) as n_members,
    sum(placed.value) as total,
    sum(placed.numerator) as numerator,
    sum(placed.denominator) as denominator,
    {{ sorted_values('placed.value') }} as sorted
from placed
inner join members
    on placed.council_code = members.member_code and placed.financial_year = members.financial_year
group by placed.series_key, placed.basis_key, members.group_key
