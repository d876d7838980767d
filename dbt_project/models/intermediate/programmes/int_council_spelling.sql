-- Documents print no council codes and their own spellings of names ("Borough of Poole"), so councils are matched by
-- every known spelling of their name.
with

councils as (

    select council_code, max(council) as council
    from {{ ref('council') }}
    group by council_code

),

spellings as (

    select printed, council_code from {{ ref('council_name') }}

)

select printed, council_code from spellings
union all
select {{ plain_name('council') }} as printed, council_code
from councils
where {{ plain_name('council') }} not in (select spellings.printed from spellings)
