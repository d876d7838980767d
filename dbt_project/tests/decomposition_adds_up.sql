-- The effects add up to the gap, to the last digit.
select
    council_code,
    financial_year,
    peer_set,
    service
from {{ ref('mart_spend_decomposition') }}
where
    gap_per_head
    <> coalesce(volume_effect, 0) + coalesce(price_effect, 0) + coalesce(mix_effect, 0) + residual
    or (volume_effect is null) <> (price_effect is null)
    or (volume_effect is not null and residual <> 0)
