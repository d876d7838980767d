-- Which of our peers have no figure, and why?
with

asked as (

    select
        '114' as council_code,
        '2008-09' as financial_year,
        'ons_neighbours' as peer_set,
        'learning_disability_day_care_others_unit_cost' as measure_id

)

select
    peers.peer_code,
    figures.council,
    figures.missing_reason,
    figures.value_printed,
    figures.verdict
from marts.dim_peer_set as peers
inner join asked using (council_code, peer_set)
left join marts.fct_figure as figures
    on
        peers.peer_code = figures.council_code
        and asked.financial_year = figures.financial_year
        and asked.measure_id = figures.measure_id
        and figures.is_current
where
    peers.version in (
        asked.financial_year,
        (select max(newest.version) from marts.dim_peer_set as newest where newest.peer_set = asked.peer_set)
    )
    and (figures.value is null or figures.verdict = 'quarantine')
order by peers.peer_rank
