{#- The questions, each an analysis: number, words and query as it runs on the published file, where tables have a schema
    and no catalogue (`as_published` in orchestration/report/questions.py writes the same). Its number is in the name
    of its file, its words are the comment that it begins with, up to the question mark. -#}
{% macro questions() -%}
    {%- set found = [] -%}
    {%- set analyses = graph.nodes.values() | selectattr('resource_type', 'equalto', 'analysis') if execute else [] -%}
    {%- for analysis in analyses | sort(attribute='name') -%}
        {%- set named = namespace(sql=analysis.raw_code) -%}
        {%- for id in analysis.depends_on.nodes -%}
            {%- set table = graph.nodes.get(id) or graph.sources[id] -%}
            {%- set schema = 'quality' if table.resource_type == 'source' else table.schema -%}
            {%- set written = "\{\{ (?:ref\(|source\('gate', )'" ~ table.name ~ "'\) \}\}" -%}
            {%- set named.sql = modules.re.sub(written, schema ~ '.' ~ table.name, named.sql) -%}
        {%- endfor -%}
        {%- set sql = named.sql -%}
        {%- set comment = modules.re.match('(?:--.*\n)+', sql).group(0) -%}
        {%- set words = modules.re.sub('\s+', ' ', comment.replace('--', ' ')) | trim -%}
        {%- do found.append({
            'number': analysis.name[:2] | int,
            'words': modules.re.match('Question \d+: ([^?]+\?)', words).group(1),
            'query': sql | trim,
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- A text of any length as SQL writes it. -#}
{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal', 'carequartile')(text)) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text.replace("'", "''") }}'
{%- endmacro %}

{% macro spark__text_literal(text) -%}
    {{ spark_literal(text) }}
{%- endmacro %}
