-- Une fois par grappe, en superutilisateur (« relais bootstrap ») : les rôles. Aucun n'est membre d'un autre,
-- sauf le migrateur, qui peut prendre les habits des officiers le temps de leur remettre leurs fonctions.
-- Les rôles de voie viennent de access/policy.toml ; leurs mots de passe, de la configuration.

do $$
declare
    official text;
begin
    if not exists (select from pg_roles where rolname = 'relais_migrator') then
        create role relais_migrator login noinherit;
    end if;
    if not exists (select from pg_roles where rolname = 'relais_backup') then
        create role relais_backup login noinherit bypassrls;
    end if;
    -- pg_dump ne prend l'habit de personne : il lui faut les droits sans les demander.
    alter role relais_backup inherit;
    if current_setting('server_version_num')::int >= 160000 then
        execute 'grant pg_read_all_data to relais_backup with inherit true';
    else
        grant pg_read_all_data to relais_backup;
    end if;
    foreach official in array array['relais_gate', 'relais_chain', 'relais_search', 'relais_facts'] loop
        if not exists (select from pg_roles where rolname = official) then
            execute format('create role %I nologin noinherit', official);
        end if;
        if current_setting('server_version_num')::int >= 160000 then
            execute format('grant %I to relais_migrator with inherit false, set true', official);
        else
            execute format('grant %I to relais_migrator', official);
        end if;
    end loop;
end
$$;
