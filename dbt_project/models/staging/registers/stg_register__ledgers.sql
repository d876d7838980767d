with

source as (

    select * from {{ source('registers', 'carequartile_ledger') }}

)

select
    source_id,
    row_number,
    {{ printed_text('council_code') }} as council_code,
    {{ printed_text('financial_year') }} as financial_year,
    {{ printed_text('month') }} as month,
    case {{ printed_text('month') }}
        {%- for name in ['April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
                         'January', 'February', 'March'] %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
    end as months_of_year,
    {{ printed_text('client_group') }} as client_group,
    {{ printed_text('setting') }} as setting,
    {{ printed_number('actual_gbp') }} as actual_gbp,
    {{ printed_number('forecast_gbp') }} as forecast_gbp
from source
