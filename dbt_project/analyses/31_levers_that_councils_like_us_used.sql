-- Question 31: Which levers did councils like us use for our largest gaps, what did they give, and did it show?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'class' as peer_set,
        'Learning disability' as client_group

),

-- Where we spend more per head than they do; nothing where no spending of the year is loaded.
gaps as (

    select
        decompositions.service,
        decompositions.gap_per_head,
        row_number() over (order by decompositions.gap_per_head desc) as gap_rank
    from {{ ref('mart_spend_decomposition') }} as decompositions
    inner join asked using (council_code, financial_year, peer_set, client_group)
    where decompositions.gap_per_head > 0

),

peers as (

    select distinct sets.peer_code as council_code
    from {{ ref('dim_peer_set') }} as sets
    inner join asked using (council_code, peer_set)
    where sets.peer_code <> asked.council_code

),

-- The largest gap that a lever works on.
levers as (

    select
        levers.saving_id,
        min(gaps.gap_rank) as gap_rank,
        min_by(gaps.service, gaps.gap_rank) as gap_service,
        min_by(gaps.gap_per_head, gaps.gap_rank) as gap_per_head
    from {{ ref('mart_programme_lever') }} as levers
    left join gaps
        on concat(', ', levers.services, ', ') like concat('%, ', gaps.service, ', %')
    where levers.services is not null and levers.theme <> 'whole_programme'
    group by levers.saving_id

),

answers as (

    select
        levers.gap_rank,
        levers.gap_service,
        levers.gap_per_head,
        used.theme,
        used.council,
        used.description,
        used.amount_gbp,
        used.low_gbp,
        used.high_gbp,
        used.amount_basis,
        used.status,
        used.amount_per_head,
        used.share_of_spend_pct,
        used.unit_cost_change_pct,
        used.residential_share_change,
        used.year_before,
        coalesce(used.unit_cost_year_after, used.residential_share_year_after) as year_after,
        used.verdict,
        used.caveat
    from {{ ref('mart_programme_lever') }} as used
    inner join levers using (saving_id)
    inner join peers using (council_code)
    where levers.gap_rank is not null or (select count(*) from gaps) = 0

),

-- Where there is no answer, the reason.
reasons as (

    select
        'No council of this peer set is in a programme whose savings are embedded or landed, with a lever for one of '
        || 'the gaps. Next: ask with other peers, or land a register of savings' as answer_reason
    from asked
    where (select count(*) from answers) = 0

)

select
    answers.*,
    reasons.answer_reason
from answers
full join reasons on false
order by answers.gap_rank nulls last, answers.amount_per_head desc nulls last, answers.council, answers.description
