{#- Take the place of dbt-duckdb's own on DuckDB, where one statement replaces a table or a view whole, or not at all: its
    own create a second table, rename both and drop one, and read each seed twice. With some two hundred nodes that is
    most of what a small refresh takes. What is built, and its contract, are the same. -#}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- do drop_other_type(target) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- call statement('main', auto_begin=False) -%}
        create or replace table {{ target }} as
        {{ as_agreed(collected(compiled_code)) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- do drop_other_type(target) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- call statement('main', auto_begin=False) -%}
        create or replace view {{ target }} as
        {{ as_agreed(compiled_code) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- Columns by the names of the file's header; each has its type in properties.yml. dbt asks for the rows it would have
    read itself, and is given none. -#}
{% materialization seed, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- call statement('main', auto_begin=False) -%}
        create or replace table {{ target }} as
        select
            {%- for column, type in config.get('column_types').items() %}
            cast({{ column }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from read_csv(
            '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}',
            header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'
        )
    {%- endcall -%}
    {%- do store_result('agate_table', response='OK') -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- A table that has become a view, or a view that has become a table, is not replaced by one statement. -#}
{% macro drop_other_type(target) %}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        {{ drop_relation_if_exists(existing) }}
    {%- endif -%}
{% endmacro %}

{#- The query; of a model with a contract, exactly the columns and types it promises. Raises dbt's own error where the
    query gives others. -#}
{% macro as_agreed(sql) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
        select
            {%- for column in model['columns'].values() %}
            cast({{ adapter.quote(column['name']) }} as {{ column['data_type'] }}) as {{ adapter.quote(column['name']) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from ({{ sql }}) as agreed
    {%- else -%}
        {{ sql }}
    {%- endif -%}
{%- endmacro %}

{#- The query of a table; where another engine has built all tables (`collected_from` is the folder it stored them in), one
    that takes the table's rows from there, each column in the type that the query has on DuckDB. -#}
{% macro collected(sql) -%}
    {%- set folder = var('collected_from', '') -%}
    {%- if not folder or not execute -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set rows -%}
        select
            {%- for column in run_query('describe select * from (' ~ sql ~ '\n) as described') %}
            cast({{ adapter.quote(column[0]) }} as {{ column[1] }}) as {{ adapter.quote(column[0]) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from read_parquet(
            '{{ (folder ~ '/' ~ this.schema ~ '.db/' ~ this.identifier ~ '/*.parquet') | replace("'", "''") }}',
            hive_partitioning = false
        )
    {%- endset -%}
    {{ return(rows) }}
{%- endmacro %}

{#- By this dbt-duckdb creates the tables that grow by a snapshot at a time. -#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {{ return(dbt.duckdb__create_table_as(
        temporary, relation, collected(compiled_code), language, partitioned_by, sorted_by
    )) }}
{%- endmacro %}
