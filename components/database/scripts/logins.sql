-- Opens the login in LOGIN and PASSWORD; safe to repeat. All objects belong to one role that cannot log in, which every
-- login becomes as it connects: so any number of logins see the same data, and each can be taken away.
\getenv owner OWNER
\getenv database DATABASE
\getenv login LOGIN
\getenv password PASSWORD

-- A password must not reach the server's log, not even in a statement that fails.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOLOGIN', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database' AND pg_get_userbyid(datdba) = :'owner') \gexec

-- In the server's own database: no part of the application's data, and not of its backups.
BEGIN;
CREATE SCHEMA IF NOT EXISTS slipway;
CREATE TABLE IF NOT EXISTS slipway.login (
    name name PRIMARY KEY,
    generation bigint GENERATED ALWAYS AS IDENTITY
);
SELECT format('CREATE ROLE %I IN ROLE %I', :'login', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'login') \gexec
ALTER ROLE :"login" LOGIN PASSWORD :'password';
ALTER ROLE :"login" SET role = :'owner';
-- What initdb asked for; nobody knows it, and nobody needs it.
ALTER ROLE postgres PASSWORD NULL;

DELETE FROM slipway.login WHERE name = :'login' AND generation < (SELECT max(generation) FROM slipway.login);
INSERT INTO slipway.login (name) VALUES (:'login') ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION slipway.close_other_logins() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other name;
BEGIN
    -- One that was left behind by an interrupted rotation must not shut out its successor.
    IF session_user <> (SELECT name FROM slipway.login ORDER BY generation DESC LIMIT 1) THEN
        RAISE EXCEPTION '% is not the current login', session_user;
    END IF;
    FOR other IN SELECT name FROM slipway.login WHERE name <> session_user LOOP
        EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', other);
    END LOOP;
END $$;

-- Apart from the closing, and after its commit: until then a session that is ended could come back.
CREATE OR REPLACE FUNCTION slipway.drop_closed_logins() RETURNS SETOF name
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    closed name;
BEGIN
    FOR closed IN SELECT name FROM slipway.login JOIN pg_roles ON rolname = name WHERE NOT rolcanlogin LOOP
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = closed;
        BEGIN
            EXECUTE format('DROP ROLE %I', closed);
            DELETE FROM slipway.login WHERE name = closed;
        EXCEPTION WHEN dependent_objects_still_exist THEN
            RAISE NOTICE 'kept, but closed, because it owns something: %', closed;
        END;
        RETURN NEXT closed;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION slipway.close_other_logins(), slipway.drop_closed_logins() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION slipway.close_other_logins(), slipway.drop_closed_logins() TO :"owner";
GRANT USAGE ON SCHEMA slipway TO :"owner";
GRANT SELECT ON slipway.login TO :"owner";
COMMIT;
