-- Which council each printed population is of, and whether its area is the council's in that year.
with

councils as (

    select * from {{ ref('council') }}

),

changes as (

    select * from {{ ref('council_change') }}

),

council_years as (

    select * from {{ ref('int_population_year') }}

),

people as (

    select * from {{ ref('int_population_printed') }}

),

years as (

    select distinct mid_year, last_day from council_years

),

-- Councils that kept their code and lost land and people: their ONS code says which area a number covers.
redrawn as (

    select old_council_code as council_code, effective_on
    from changes
    where old_council_code = new_council_code and change <> 'recode'

)

select
    people.*, -- noqa: AM04
    councils.council_code,
    case
        when council_years.council_code is null then false
        when redrawn.council_code is not null then false
        else true
    end as is_area_of_year
from people
inner join councils on people.ons_code = councils.ons_code
inner join years on people.mid_year = years.mid_year
left join council_years
    on councils.council_code = council_years.council_code and people.mid_year = council_years.mid_year
left join redrawn
    on
        councils.council_code = redrawn.council_code
        and (
            (years.last_day < redrawn.effective_on and councils.valid_from >= redrawn.effective_on)
            or (years.last_day >= redrawn.effective_on and councils.valid_from < redrawn.effective_on)
        )
where people.people is not null
