-- Of all releases of a council, year and measure exactly one figure is compared.
select
    council_code,
    financial_year,
    measure_id
from {{ ref('fct_figure') }}
group by council_code, financial_year, measure_id
having sum(case when is_current then 1 else 0 end) <> 1
