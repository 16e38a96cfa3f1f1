-- Creates the databases in DATABASES, names with spaces between them, for the role in OWNER; safe to repeat. Runs before
-- logins.sql opens a login, so that whoever is let in finds them.
\getenv owner OWNER
\getenv databases DATABASES
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOLOGIN', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', wanted, :'owner')
  FROM string_to_table(:'databases', ' ') AS wanted
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = wanted) \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', datname, :'owner')
  FROM pg_database
 WHERE datname = ANY (string_to_array(:'databases', ' ')) AND pg_get_userbyid(datdba) <> :'owner' \gexec

