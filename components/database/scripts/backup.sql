-- A dump (data.dump) and what is in it (tables), both of one moment: they share one transaction's view.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --format=custom --no-owner --no-privileges --snapshot="$SNAPSHOT" --file=data.dump && touch dumped
\o tables
\ir tables.sql
\o
COMMIT;
