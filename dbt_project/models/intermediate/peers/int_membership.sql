-- Which groups each council is compared within: the class, region and England it belongs to, and the lists of peers
-- that are drawn up for it.
with

members as (

    select * from {{ ref('int_peer_member') }}

)

select distinct
    financial_year,
    coalesce(owner_code, member_code) as council_code,
    group_key,
    peer_set,
    version,
    owner_code is null as is_member
from members
