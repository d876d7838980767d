-- There is a comparator exactly where enough peers report; elsewhere the row gives the reason.
select
    variances.figure_id,
    variances.peer_set
from {{ ref('mart_unit_cost_variance') }} as variances
inner join {{ ref('parameter') }} as parameters on parameters.parameter = 'fewest_peers'
where
    (variances.n_peers < parameters.number and variances.comparator_mean is not null)
    or (variances.n_peers < parameters.number and variances.why_no_comparator is null)
    or (variances.n_peers >= parameters.number and variances.comparator_mean is null)
    or (variances.n_peers >= parameters.number and variances.why_no_comparator is not null)
    or (
        variances.n_peers_excluding_flagged < parameters.number
        and variances.comparator_mean_excluding_flagged is not null
    )
