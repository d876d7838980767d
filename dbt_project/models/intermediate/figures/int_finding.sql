-- What failed in gate A, for the marts: the one door to the gate's findings. A figure that two neighbouring years
-- contradict has two findings of one rule, which count once.
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
