-- What is in a database, one line each: every table with its number of rows and a sum over their contents (and with
-- them the schema's revision, in whichever table a migration tool keeps it), then the same for columns and indexes.
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET search_path = pg_catalog;

-- An extension's own tables are made by the extension, not by the dump.
\set own 'c.relkind = ''r'' AND n.nspname !~ ''^pg_'' AND n.nspname <> ''information_schema'' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = ''pg_class''::regclass AND d.objid = c.oid AND d.deptype = ''e'')'

SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended((x.*)::text, 0)::numeric), 0) FROM ONLY %I.%I AS x',
              n.nspname || '.' || c.relname, n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE :own ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C" \gexec

SELECT '(columns)', count(*), coalesce(sum(hashtextextended(concat_ws(' ', n.nspname, c.relname, a.attname,
       format_type(a.atttypid, a.atttypmod), a.attnotnull), 0)::numeric), 0)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE :own;

SELECT '(indexes)', count(*), coalesce(sum(hashtextextended(concat_ws(' ', n.nspname, c.relname, i.relname,
       x.indisunique), 0)::numeric), 0)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_index x ON x.indrelid = c.oid AND x.indisvalid JOIN pg_class i ON i.oid = x.indexrelid
 WHERE :own;
