-- What a council spends per resident next to an outcome, each against the median of its peers. Both are figures that
-- are not flagged.
with

pairs as (

    select * from {{ ref('spend_outcome_pair') }}

),

compared as (

    select * from {{ ref('mart_benchmark') }} where basis = 'excluding_flagged'

),

measures as (

    select measure_id, definition_version, label, unit, polarity from {{ ref('dim_measure') }}

),

joined as (

    select
        spend.council_code,
        spend.council,
        spend.financial_year,
        spend.peer_set,
        pairs.spend_measure,
        pairs.outcome_measure,
        spend.figure_id as spend_figure_id,
        outcome.figure_id as outcome_figure_id,
        outcome.definition_version as outcome_definition_version,
        spend.value as spend_per_head,
        spend.median as spend_median,
        spend.n_peers as n_spend_peers,
        outcome.value as outcome,
        outcome.median as outcome_median,
        outcome.n_peers as n_outcome_peers,
        outcome.unit as outcome_unit,
        outcomes.label as outcome_label,
        outcomes.polarity as outcome_polarity,
        -- Above the median is better where more is better, below it where less is.
        case outcomes.polarity
            when 'lower_is_better' then outcome.median - outcome.value
            else outcome.value - outcome.median
        end as better_by,
        spend.value - spend.median as dearer_by,
        case
            when spend.value is null then concat('Spending is flagged (', spend.verdict, '): it is not compared.')
            when outcome.value is null
                then concat('The outcome is flagged (', outcome.verdict, '): it is not compared.')
            when spend.why_no_statistic is not null then concat('Spending: ', spend.why_no_statistic, '.')
            when outcome.why_no_statistic is not null then concat('Outcome: ', outcome.why_no_statistic, '.')
        end as why_no_quadrant
    from pairs
    inner join compared as spend on pairs.spend_measure = spend.measure_id
    inner join compared as outcome
        on
            pairs.outcome_measure = outcome.measure_id
            and spend.council_code = outcome.council_code
            and spend.financial_year = outcome.financial_year
            and spend.peer_set = outcome.peer_set
    inner join measures as outcomes
        on
            outcome.measure_id = outcomes.measure_id
            and outcome.definition_version = outcomes.definition_version

)

select
    council_code,
    council,
    financial_year,
    peer_set,
    spend_measure,
    outcome_measure,
    outcome_definition_version,
    outcome_label,
    outcome_unit,
    outcome_polarity,
    spend_figure_id,
    outcome_figure_id,
    spend_per_head,
    spend_median,
    n_spend_peers,
    outcome,
    outcome_median,
    n_outcome_peers,
    case
        when why_no_quadrant is not null then null
        when dearer_by = 0 or better_by = 0 then 'at_the_median'
        when dearer_by > 0 and better_by > 0 then 'spends_more_outcome_better'
        when dearer_by > 0 then 'spends_more_outcome_worse'
        when better_by > 0 then 'spends_less_outcome_better'
        else 'spends_less_outcome_worse'
    end as quadrant,
    why_no_quadrant,
    concat(
        'Neither causes the other: what people need, what care costs in the area and who answers a survey move both, ',
        'and a council with more need spends more.'
    ) as warning
from joined
