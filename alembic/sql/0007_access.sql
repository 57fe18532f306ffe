-- Les fonctions dont les règles de lignes se servent. Toutes SECURITY DEFINER, au nom d'un rôle sans
-- connexion qui ne possède aucune table et n'a que les colonnes nommées dans access/policy.toml.
-- L'appelant est une session vivante, jamais un réglage qu'un SELECT injecté pourrait écrire :
-- le réglage ne porte que l'identifiant de la session, revérifié à chaque instruction.

create function access.me() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    claimed text := current_setting('relais.session', true);
    account uuid;
begin
    if claimed ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        select s.account_id into account
          from accounts.session s
          join accounts.account a on a.id = s.account_id
         where s.id = claimed::uuid
           and s.revoked_at is null
           and s.expires_at > clock_timestamp()
           and 'relais_' || s.role = session_user
           and a.role = s.role
           and a.ended_at is null;
    end if;
    if account is null then
        raise exception using errcode = '28000', message = 'no live session';
    end if;
    return account;
end
$$;
comment on function access.me() is 'Le compte de la session ouverte par access.open ; erreur 28000 s''il n''y en a pas.';

create function access.open(session uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('relais.session', session::text, true);
    perform access.me();
end
$$;
comment on function access.open(uuid) is 'Première instruction de toute transaction : la session existe, vit, et appartient à cette voie.';

create function access.today() returns date
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select (now() at time zone 'Europe/Paris')::date $$;
comment on function access.today() is 'Le jour, à l''heure de Paris : les affectations commencent et finissent à minuit.';

create function access.my_posts() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select distinct p.post_id from accounts.posting p
         where p.account_id = account and p.post_id is not null
           -- Une affectation ne vaut que pour la voie de son métier : un poste ne fait pas d'un agent un travailleur social.
           and session_user = 'relais_social_worker'
           and p.starts_on <= today and coalesce(p.ends_on >= today, true)
         order by 1);
end
$$;
comment on function access.my_posts() is 'Les postes que je tiens aujourd''hui.';

create function access.my_units() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select p.unit_id from accounts.posting p
         where p.account_id = account and p.unit_id is not null
           and session_user in ('relais_police_officer', 'relais_unit_commander')
           and p.starts_on <= today and coalesce(p.ends_on >= today, true)
        union
        select s.unit_id from accounts.posting p
          join organisation.post_unit s on s.post_id = p.post_id
         where p.account_id = account
           and session_user = 'relais_social_worker'
           and p.starts_on <= today and coalesce(p.ends_on >= today, true)
           and s.starts_on <= today and coalesce(s.ends_on >= today, true)
         order by 1);
end
$$;
comment on function access.my_units() is 'Mes unités : celles de mes affectations, ou celles que mon poste dessert.';

create function access.notes_shared_with_me() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    return array(
        select s.note_id from confidential.note_share s
         where s.shared_with = account and s.ended_at is null);
end
$$;
comment on function access.notes_shared_with_me() is 'Les notes qu''un collègue m''a ouvertes, nommément.';

create function access.my_account()
returns table (id uuid, name text, email text, role text, employer_id uuid, secrecy_basis text, unit_ids uuid[], post_ids uuid[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select a.id, a.name, a.email, a.role, a.employer_id, a.secrecy_basis, access.my_units(), access.my_posts()
          from accounts.account a where a.id = access.me();
end
$$;
comment on function access.my_account() is 'Mon compte et mes affectations.';

create function access.colleagues() returns table (id uuid, name text, role text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    units uuid[] := access.my_units();
    posts uuid[] := access.my_posts();
    today date := access.today();
begin
    return query
        select distinct a.id, a.name, a.role
          from accounts.account a
          join accounts.posting p on p.account_id = a.id
         where a.ended_at is null
           and p.starts_on <= today and coalesce(p.ends_on >= today, true)
           and (p.unit_id = any (units)
                or p.post_id = any (posts)
                or p.post_id in (select s.post_id from organisation.post_unit s
                                  where s.unit_id = any (units)
                                    and s.starts_on <= today and coalesce(s.ends_on >= today, true)));
end
$$;
comment on function access.colleagues() is 'Qui travaille dans mes unités ou sur les postes qui les desservent : identifiant, nom, rôle.';

create function access.shares_my_post(colleague uuid, post uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    today date := access.today();
begin
    return post = any (access.my_posts()) and exists (
        select from accounts.posting p join accounts.account a on a.id = p.account_id
         where p.account_id = colleague and p.post_id = post and a.role = 'social_worker' and a.ended_at is null
           and p.starts_on <= today and coalesce(p.ends_on >= today, true));
end
$$;
comment on function access.shares_my_post(uuid, uuid) is 'Ce collègue tient-il aujourd''hui ce poste, qui est aussi le mien ?';

-- Les traces : une chaîne par (périmètre, voie). Le verrou de tête se prend en dernier, une seule fois.

create function audit.append(
    perimeter uuid, account uuid, session uuid, act text, subject uuid, row_count integer, outcome text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    link bigint;
    prev bytea;
    instant timestamptz;
    -- Qui lit les traces relie les actes d'une même session sans pouvoir la rouvrir.
    session_mark uuid := encode(substring(sha256(convert_to(session::text, 'UTF8')) from 1 for 16), 'hex')::uuid;
    digest bytea;
begin
    insert into audit.head as h (perimeter_id, lane, seq, hash)
    values (perimeter, session_user, 0, '\x00')
    on conflict (perimeter_id, lane) do nothing;
    select h.seq + 1, h.hash into link, prev
      from audit.head h where h.perimeter_id = perimeter and h.lane = session_user for update;
    instant := clock_timestamp();
    digest := sha256(prev || convert_to(jsonb_build_array(
        perimeter, session_user, link, to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        account, session_mark, act, subject, row_count, outcome)::text, 'UTF8'));
    insert into audit.trace (perimeter_id, lane, seq, at, account_id, session_id, act, subject_id, row_count, outcome, prev_hash, hash)
    values (perimeter, session_user, link, instant, account, session_mark, act, subject, row_count, outcome, prev, digest);
    update audit.head h set seq = link, hash = digest where h.perimeter_id = perimeter and h.lane = session_user;
end
$$;
comment on function audit.append(uuid, uuid, uuid, text, uuid, integer, text) is 'Ajoute un maillon ; appelée par access.trace et access.trace_sign_in seulement.';

create function access.trace(act text, subject uuid, row_count integer, outcome text default 'done') returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    perimeters uuid[] := access.my_posts();
begin
    if cardinality(perimeters) = 0 then
        perimeters := access.my_units();
    end if;
    perform audit.append(
        case when cardinality(perimeters) = 1 then perimeters[1] else '00000000-0000-0000-0000-000000000000' end,
        account, current_setting('relais.session')::uuid, act, subject, row_count, outcome);
end
$$;
comment on function access.trace(text, uuid, integer, text) is 'Seule entrée des traces, dans la transaction même de la lecture ou de l''acte : pas de trace, pas de réponse.';

create function access.trace_sign_in(account uuid, session uuid, act text, outcome text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform audit.append('00000000-0000-0000-0000-000000000000', account, session, 'session:' || act, session, 1, outcome);
end
$$;
comment on function access.trace_sign_in(uuid, uuid, text, text) is 'Trace des connexions, pour la seule voie d''authentification.';

create function access.my_traces(earlier_than timestamptz, most integer)
returns table (at timestamptz, act text, subject_id uuid, row_count integer, outcome text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    return query
        select t.at, t.act, t.subject_id, t.row_count, t.outcome
          from audit.trace t
         where t.account_id = account and t.at < earlier_than
         order by t.at desc limit most;
end
$$;
comment on function access.my_traces(timestamptz, integer) is 'Les traces de mes propres actes.';
