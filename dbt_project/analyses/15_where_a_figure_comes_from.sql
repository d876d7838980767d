-- Question 15: Which printed cells is a derived figure made of?
-- A printed figure names its own cell; `carequartile lineage` shows both kinds.
with

asked as (

    select
        '114:2008-09:learning_disability_residential_people_per_1000' as figure_id

)

select
    parts.role,
    parts.part_of,
    parts.part_measure_id,
    parts.divided_by,
    printed.value_printed,
    printed.file_name,
    printed.sheet,
    printed.row_number,
    printed.column_number
from marts.fct_derived_figure as derived
inner join asked using (figure_id)
inner join marts.dim_measure_part as parts using (financial_year, measure_id, definition_version)
left join marts.fct_figure as printed
    on
        derived.council_code = printed.council_code
        and derived.financial_year = printed.financial_year
        and parts.part_measure_id = printed.measure_id
        and parts.part_definition_version = printed.definition_version
        and printed.is_current
order by parts.role desc, parts.part_measure_id
