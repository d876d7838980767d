-- What failed in gate A, for the marts: the one door to the gate's findings.
-- A jump that cannot be decided is found on a figure once for each pair of years it is in; here it counts once.
select distinct
    rule_id,
    subject,
    severity,
    council_code,
    financial_year,
    measure_id,
    figure_id
from {{ source('gate', 'rule_result') }}
where status = 'fail'
