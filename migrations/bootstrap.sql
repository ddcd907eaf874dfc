-- Roles, schemas and grants of the mesh, before any migration.
--
-- Run once per database, connected to it, as a superuser or as a role with CREATEROLE that owns the database:
--     createdb llamamapper && psql --dbname llamamapper --file migrations/bootstrap.sql
-- It may be run again: it changes nothing that is already right, and refuses a role that could step over tenant isolation.
-- No role has a password afterwards; set them with \password mapper_owner, \password mapper, and so on.
--
-- Each service S has a schema S and two login roles:
--     S_owner   owns the schema and everything in it, and runs the migrations;
--     S         reads and writes rows, owns nothing, and cannot leave row-level security.
-- Both have search_path = S, so that statements name tables without a schema.
do $bootstrap$
declare
    service text;
    owner   text;
    login   text;
begin
    -- Two servers starting at once must not both create the roles.
    perform pg_advisory_xact_lock(hashtextextended('llamamapper.bootstrap', 0));

    execute format('revoke all on database %I from public', current_database());
    revoke all on schema public from public;

    foreach service in array array['orchestration', 'mapper', 'analysis'] loop
        owner := service || '_owner';

        foreach login in array array[owner, service] loop
            if not exists (select from pg_roles where rolname = login) then
                execute format('create role %I login', login);
            end if;
            if exists (select from pg_roles where rolname = login and (rolsuper or rolbypassrls)) then
                raise exception 'role % is a superuser or bypasses row-level security', login
                    using hint = format('run: alter role %I nosuperuser nobypassrls', login);
            end if;
            if exists (
                select from pg_auth_members join pg_roles on pg_roles.oid = pg_auth_members.member
                where pg_roles.rolname = login
            ) then
                raise exception 'role % is a member of another role', login
                    using hint = 'revoke that membership: a login of the mesh has its own rights only';
            end if;
            execute format('alter role %I set search_path = %I', login, service);
            execute format('grant connect on database %I to %I', current_database(), login);
        end loop;

        -- An administrator who is no superuser acts for the owner only as its member.
        if not exists (select from pg_roles where rolname = current_user and rolsuper)
            and not pg_has_role(current_user, owner, 'member')
        then
            execute format('grant %I to %I', owner, current_user);
        end if;

        execute format('create schema if not exists %I authorization %I', service, owner);
        execute format('grant usage on schema %I to %I', service, service);
        execute format(
            'alter default privileges for role %I in schema %I grant select, insert, update, delete on tables to %I',
            owner, service, service);
        execute format(
            'alter default privileges for role %I in schema %I grant usage, select on sequences to %I',
            owner, service, service);
        -- A function is public unless said otherwise, and a SECURITY DEFINER one acts with its owner's rights.
        execute format('alter default privileges for role %I revoke execute on functions from public', owner);
        execute format(
            'alter default privileges for role %I in schema %I grant execute on functions to %I',
            owner, service, service);
    end loop;
end
$bootstrap$;
