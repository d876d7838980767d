-- How many providers of a snapshot have a name like a person: a form of address or a given name first, one or two words
-- after it, none of them a word of organisations. For a note (rule provider_is_organisation): only common given names
-- are listed.
with

providers as (

    select distinct
        snapshot_id,
        lower(trim(replace(replace(provider, '. ', ' '), '.', ' '))) as provider
    from {{ ref('int_placement_line') }}
    where provider is not null and rejected_by is null

),

words as (

    select
        snapshot_id,
        provider,
        {{ dbt.split_part('provider', "' '", 1) }} as first_word,
        {{ dbt.split_part('provider', "' '", 2) }} as second_word,
        {{ dbt.split_part('provider', "' '", 3) }} as third_word,
        {{ dbt.split_part('provider', "' '", 4) }} as fourth_word
    from providers

),

listed as (

    select * from {{ ref('provider_word') }}

)

select
    words.snapshot_id,
    cast(count(*) as integer) as n_providers
from words
inner join listed as firsts on words.first_word = firsts.word and firsts.kind in ('given_name', 'form_of_address')
left join listed as seconds on words.second_word = seconds.word and seconds.kind = 'organisation'
left join listed as thirds on words.third_word = thirds.word and thirds.kind = 'organisation'
where
    words.second_word <> ''
    and coalesce(words.fourth_word, '') = ''
    and seconds.word is null
    and thirds.word is null
group by words.snapshot_id
