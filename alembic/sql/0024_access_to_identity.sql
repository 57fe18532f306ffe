-- Ce que la porte sait désormais : un compte et une affectation approuvés, une session qui n'est pas restée inactive, un
-- remplacement, une passation. Les fonctions déjà remises à leur officier se changent sous son habit.

grant create on schema access to relais_gate;
set local role relais_gate;

create or replace function access.me() returns uuid
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
           and s.idle_until > clock_timestamp()
           and 'relais_' || s.role = session_user
           and a.role = s.role
           and a.approved_at is not null
           and a.suspended_at is null
           and a.ended_at is null;
    end if;
    if account is null then
        raise exception using errcode = '28000', message = 'no live session';
    end if;
    return account;
end
$$;

create or replace function access.my_posts() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select p.post_id from accounts.posting p
         where p.account_id = account and p.post_id is not null and p.approved_at is not null
           and session_user = 'relais_social_worker'
           and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null
        union
        select r.post_id from employer.replacement r
         where r.account_id = account and r.approved_at is not null and r.ended_at is null
           and session_user = 'relais_social_worker'
           and today between r.starts_on and r.ends_on
         order by 1);
end
$$;
comment on function access.my_posts() is 'Les postes que je tiens aujourd''hui, et ceux où je remplace, que je ne fais que lire.';

create or replace function access.my_units() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    posts uuid[];
    today date := access.today();
begin
    if session_user in ('relais_police_officer', 'relais_unit_commander') then
        return array(
            select distinct p.unit_id from accounts.posting p
             where p.account_id = account and p.unit_id is not null and p.approved_at is not null
               and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null
             order by 1);
    end if;
    posts := access.my_posts();
    return array(
        select distinct s.unit_id from organisation.post_unit s
         where s.post_id = any (posts) and s.starts_on <= today and coalesce(s.ends_on >= today, true)
         order by 1);
end
$$;
comment on function access.my_units() is 'Mes unités : celles de mes affectations, ou celles que desservent les postes que je tiens ou que je remplace.';

create or replace function access.my_partners() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select distinct p.partner_id from accounts.posting p
         where p.account_id = account and p.partner_id is not null and p.approved_at is not null
           and session_user = 'relais_partner'
           and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null
         order by 1);
end
$$;

create or replace function access.notes_shared_with_me() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select s.note_id from confidential.note_share s
         where s.shared_with = account and s.ended_at is null and s.handover_id is null
        union all
        select s.note_id from confidential.note_share s join employer.handover h on h.id = s.handover_id
         where s.shared_with = account and h.to_account_id = account and s.ended_at is null
           and h.approved_at is not null and h.cancelled_at is null
           and h.starts_on <= today and coalesce(h.ends_on >= today, true));
end
$$;
comment on function access.notes_shared_with_me() is 'Les notes qu''un collègue m''a ouvertes, nommément, ou que la passation approuvée d''un poste m''a remises.';

create or replace function access.colleagues() returns table (id uuid, name text, role text)
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
         where a.ended_at is null and a.approved_at is not null and p.approved_at is not null
           and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null
           and (p.unit_id = any (units)
                or p.post_id = any (posts)
                or p.post_id in (select s.post_id from organisation.post_unit s
                                  where s.unit_id = any (units)
                                    and s.starts_on <= today and coalesce(s.ends_on >= today, true)));
end
$$;

create or replace function access.shares_my_post(colleague uuid, post uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    today date := access.today();
begin
    return post = any (access.held_posts()) and exists (
        select from accounts.posting p join accounts.account a on a.id = p.account_id
         where p.account_id = colleague and p.post_id = post and a.role = 'social_worker' and a.ended_at is null
           and a.approved_at is not null and p.approved_at is not null
           and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null);
end
$$;

reset role;
revoke create on schema access from relais_gate;

-- Ce qui est nouveau.

create function access.held_posts() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select distinct p.post_id from accounts.posting p
         where p.account_id = account and p.post_id is not null and p.approved_at is not null
           -- Une affectation ne vaut que pour la voie de son métier : un poste ne fait pas d'un agent un travailleur social.
           and session_user = 'relais_social_worker'
           and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null
         order by 1);
end
$$;
comment on function access.held_posts() is 'Les postes que je tiens aujourd''hui : j''y lis et j''y écris.';

create function access.served_units() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    posts uuid[] := access.held_posts();
    today date := access.today();
begin
    return array(
        select distinct s.unit_id from organisation.post_unit s
         where s.post_id = any (posts) and s.starts_on <= today and coalesce(s.ends_on >= today, true)
         order by 1);
end
$$;
comment on function access.served_units() is 'Les unités que desservent les postes que je tiens : je reçois leurs saisines, je leur réponds.';

create function access.handovers_to_me() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select h.id from employer.handover h
         where h.to_account_id = account and h.approved_at is not null and h.cancelled_at is null
           and h.starts_on <= today and coalesce(h.ends_on >= today, true)
         order by 1);
end
$$;
comment on function access.handovers_to_me() is 'Les passations approuvées et commencées dont j''hérite.';

create function access.takes_over_my_post(colleague uuid, post uuid, from_on date) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return post = any (access.held_posts()) and exists (
        select from accounts.posting p join accounts.account a on a.id = p.account_id
         where p.account_id = colleague and p.post_id = post and a.role = 'social_worker' and a.ended_at is null
           and a.approved_at is not null and p.approved_at is not null
           and p.starts_on <= from_on and coalesce(p.ends_on >= from_on, true) and p.ended_at is null);
end
$$;
comment on function access.takes_over_my_post(uuid, uuid, date) is 'Ce collègue tiendra-t-il ce jour-là ce poste, qui est le mien ?';

create function access.works_for(worker uuid, employer uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    today date := access.today();
begin
    perform access.me();
    return exists (
        select from accounts.posting p
          join accounts.account a on a.id = p.account_id
          join organisation.post o on o.id = p.post_id
         where p.account_id = worker and a.role = 'social_worker' and a.ended_at is null and a.suspended_at is null
           and a.approved_at is not null and p.approved_at is not null and o.employer_id = employer
           and p.starts_on <= today and coalesce(p.ends_on >= today, true) and p.ended_at is null);
end
$$;
comment on function access.works_for(uuid, uuid) is 'Cette personne tient-elle aujourd''hui un poste de cet employeur ? On ne remplace qu''entre collègues.';

-- La preuve récente, mes sessions, la fin de celles d'un compte.

create function access.proved_recently() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform access.me();
    return exists (
        select from accounts.session s
         where s.id = current_setting('relais.session')::uuid
           and s.authenticated_at > clock_timestamp() - interval '10 minutes');
end
$$;
comment on function access.proved_recently() is 'Mon identité fut-elle prouvée dans les dix dernières minutes ? Les actes sensibles le demandent.';

create function access.my_sessions()
returns table (id uuid, client_id text, method text, shared_workstation boolean, opened_at timestamptz, authenticated_at timestamptz,
    idle_until timestamptz, expires_at timestamptz, current boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    return query
        select s.id, s.client_id, s.method, s.shared_workstation, s.opened_at, s.authenticated_at, s.idle_until, s.expires_at,
               s.id = current_setting('relais.session')::uuid
          from accounts.session s
         where s.account_id = account and s.revoked_at is null
           and s.expires_at > clock_timestamp() and s.idle_until > clock_timestamp()
         order by s.opened_at desc, s.id desc limit 200;
end
$$;
comment on function access.my_sessions() is 'Mes sessions vivantes, la plus récente d''abord.';

create function access.end_my_session(session uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    update accounts.session s set revoked_at = clock_timestamp(), revoked_because = 'owner'
     where s.id = session and s.account_id = account and s.revoked_at is null;
    return found;
end
$$;
comment on function access.end_my_session(uuid) is 'Mettre fin à une de mes sessions ; faux si elle n''est pas à moi, ou déjà finie.';

create function access.end_sessions(account uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    ended integer;
begin
    perform access.me();
    update accounts.session s set revoked_at = clock_timestamp(), revoked_because = 'administrator'
     where s.account_id = account and s.revoked_at is null;
    get diagnostics ended = row_count;
    return ended;
end
$$;
comment on function access.end_sessions(uuid) is 'Mettre fin aux sessions d''un compte ; pour l''administrateur.';

-- Le frein : compté avant de vérifier, pour que cent essais simultanés comptent pour cent.

create function access.attempt(account_key bytea, source_key bytea) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    moment timestamptz := clock_timestamp();
    wait numeric;
begin
    -- Ce qui n'a plus d'effet s'oublie, cent à la fois.
    delete from accounts.attempt a where a.key in (
        select o.key from accounts.attempt o where o.last_at < moment - interval '1 day' limit 100 for update skip locked);
    insert into accounts.attempt as a (key, failures, last_at, free_at)
    select k, 0, moment, moment from unnest(array[account_key, source_key]) k group by k order by k
    on conflict (key) do nothing;
    perform 1 from accounts.attempt a where a.key in (account_key, source_key) order by a.key for update;
    moment := clock_timestamp();
    select max(extract(epoch from a.free_at - moment)) into wait
      from accounts.attempt a where a.key in (account_key, source_key) and a.free_at > moment;
    if wait > 0 then
        return ceil(wait);
    end if;
    -- Cinq essais libres par compte, trente par provenance (un commissariat sort par une seule adresse) ; ensuite 1, 2, 4 s…
    -- jusqu'à un quart d'heure. Une heure sans essai remet à zéro : jamais de verrou.
    update accounts.attempt a
       set failures = counted.failures,
           last_at = moment,
           free_at = case when counted.failures <= counted.free then moment
                          else moment + least(900, 2 ^ least(counted.failures - counted.free - 1, 10)) * interval '1 second' end
      from (select o.key, case when o.key = account_key then 5 else 30 end as free,
                   case when o.last_at < moment - interval '1 hour' then 1 else least(o.failures, 1000000) + 1 end as failures
              from accounts.attempt o where o.key in (account_key, source_key)) counted
     where a.key = counted.key;
    return 0;
end
$$;
comment on function access.attempt(bytea, bytea) is 'Un essai de plus : 0 s''il peut avoir lieu, et il compte déjà pour un échec ; sinon, les secondes à attendre.';

create function access.attempt_succeeded(account_key bytea, source_key bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform 1 from accounts.attempt a where a.key in (account_key, source_key) order by a.key for update;
    update accounts.attempt a
       set failures = case when a.key = account_key then 0 else greatest(a.failures - 1, 0) end,
           free_at = case when a.key = account_key then a.last_at else a.free_at end
     where a.key in (account_key, source_key);
end
$$;
comment on function access.attempt_succeeded(bytea, bytea) is 'Une étape de la connexion a abouti : le compte repart de zéro, la provenance est déchargée de cet essai.';

create function access.spend_once(ticket bytea, good_until timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    delete from accounts.spent_ticket t where t.digest in (
        select o.digest from accounts.spent_ticket o where o.expires_at < clock_timestamp() - interval '10 minutes'
         order by o.digest limit 100);
    insert into accounts.spent_ticket (digest, expires_at) values (ticket, good_until) on conflict (digest) do nothing;
    return found;
end
$$;
comment on function access.spend_once(bytea, timestamptz) is 'Vrai la première fois, faux ensuite : ce ticket ne sert qu''une fois.';

-- Vérifier les chaînes, et résumer un jour : des identifiants et des nombres, pour le délégué et l'exploitant.

create function audit.verified()
returns table (perimeter_id uuid, lane text, entries bigint, seq bigint, hash bytea, broken_at bigint, reason text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    -- L'exploitant n'a pas de session ; toute personne en a une.
    if session_user <> 'relais_worker' then
        perform access.me();
    end if;
    return query
        with link as (
            select t.perimeter_id, t.lane, t.seq, t.hash, t.prev_hash,
                   lag(t.seq) over chain as before_seq, lag(t.hash) over chain as before_hash,
                   sha256(t.prev_hash || convert_to(jsonb_build_array(
                       t.perimeter_id, t.lane, t.seq, to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                       t.account_id, t.session_id, t.act, t.subject_id, t.row_count, t.outcome)::text, 'UTF8')) as said
              from audit.trace t
            window chain as (partition by t.perimeter_id, t.lane order by t.seq)
        ), fault as (
            select l.perimeter_id, l.lane, l.seq,
                   case when l.said <> l.hash then 'altered'
                        when l.seq <> coalesce(l.before_seq, 0) + 1 then 'missing'
                        when l.prev_hash <> coalesce(l.before_hash, '\x00'::bytea) then 'relinked' end as reason
              from link l
        ), first_fault as (
            select distinct on (f.perimeter_id, f.lane) f.perimeter_id, f.lane, f.seq, f.reason
              from fault f where f.reason is not null order by f.perimeter_id, f.lane, f.seq
        ), chain as (
            select l.perimeter_id, l.lane, count(*) as entries, max(l.seq) as seq,
                   (array_agg(l.hash order by l.seq desc))[1] as hash
              from link l group by l.perimeter_id, l.lane
        )
        select coalesce(c.perimeter_id, h.perimeter_id), coalesce(c.lane, h.lane), coalesce(c.entries, 0), coalesce(c.seq, 0),
               coalesce(c.hash, '\x00'::bytea),
               coalesce(f.seq, case when h.seq is distinct from coalesce(c.seq, 0) or h.hash is distinct from coalesce(c.hash, '\x00'::bytea)
                                    then coalesce(c.seq, 0) + 1 end),
               coalesce(f.reason, case when h.seq is null then 'headless'
                                       when h.seq is distinct from coalesce(c.seq, 0)
                                         or h.hash is distinct from coalesce(c.hash, '\x00'::bytea) then 'truncated' end)
          from chain c
          full join audit.head h on h.perimeter_id = c.perimeter_id and h.lane = c.lane
          left join first_fault f on f.perimeter_id = c.perimeter_id and f.lane = c.lane
         order by 1, 2;
end
$$;
comment on function audit.verified() is 'Chaque chaîne recalculée : sa longueur, sa tête, et le premier maillon qui ne tient pas, s''il y en a un.';

create function audit.summary(day date)
returns table (account_id uuid, lane text, act text, outcome text, acts bigint, subjects bigint, off_hours bigint, busiest_hour bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if session_user <> 'relais_worker' then
        perform access.me();
    end if;
    return query
        with that_day as (
            select t.account_id, t.lane, t.act, t.outcome, t.subject_id,
                   t.at at time zone 'Europe/Paris' as local
              from audit.trace t
             where t.at >= day::timestamp at time zone 'Europe/Paris'
               and t.at < (day + 1)::timestamp at time zone 'Europe/Paris'
        ), hourly as (
            select d.account_id, d.lane, d.act, d.outcome, date_trunc('hour', d.local) as hour, count(distinct d.subject_id) as subjects
              from that_day d group by 1, 2, 3, 4, 5
        ), busiest as (
            select h.account_id, h.lane, h.act, h.outcome, max(h.subjects) as subjects
              from hourly h group by 1, 2, 3, 4
        )
        select d.account_id, d.lane, d.act, d.outcome, count(*), count(distinct d.subject_id),
               -- Heures ouvrées : 7 h à 20 h, du lundi au vendredi.
               count(*) filter (where extract(isodow from d.local) > 5 or extract(hour from d.local) not between 7 and 19),
               max(b.subjects)
          from that_day d
          join busiest b on b.account_id is not distinct from d.account_id and b.lane = d.lane and b.act = d.act and b.outcome = d.outcome
         group by 1, 2, 3, 4
         order by 2, 1, 3, 4;
end
$$;
comment on function audit.summary(date) is 'Un jour (à Paris), par compte et par acte : combien d''actes, d''objets distincts, hors des heures ouvrées, à l''heure la plus chargée.';

create function audit.links(perimeters uuid[], lanes text[], ranks bigint[])
returns table (perimeter_id uuid, lane text, seq bigint, hash bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select t.perimeter_id, t.lane, t.seq, t.hash
          from unnest(perimeters, lanes, ranks) asked (perimeter, of_lane, rank)
          join audit.trace t on t.perimeter_id = asked.perimeter and t.lane = asked.of_lane and t.seq = asked.rank;
end
$$;
comment on function audit.links(uuid[], text[], bigint[]) is 'L''empreinte des maillons demandés : ce qu''une ancre signée en disait doit s''y retrouver.';

create function audit.last_anchor() returns integer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return (select t.row_count from audit.trace t
             where t.perimeter_id = '00000000-0000-0000-0000-000000000000' and t.lane = 'relais_worker' and t.act = 'audit:anchor'
             order by t.seq desc limit 1);
end
$$;
comment on function audit.last_anchor() is 'Numéro de la dernière ancre, telle que les traces la gardent : il manque la fin d''un fichier qui ne va pas jusque-là.';

-- Ce qui se fait sans personne : un démarrage, une commande de fond. Ni compte ni objet, donc rien à usurper.

create function access.trace_process(act text, row_count integer, outcome text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if act <> 'process:start' and session_user <> 'relais_worker' then
        raise exception using errcode = '42501', message = 'not an act of this lane';
    end if;
    perform audit.append('00000000-0000-0000-0000-000000000000', null, null, act, null, row_count, outcome);
end
$$;
comment on function access.trace_process(text, integer, text) is 'Trace d''un démarrage, par toute voie, et des commandes de fond, par la leur.';

-- Une affectation proposée, que personne n'a encore approuvée, ne pourvoit pas un poste.

create or replace function statistics.posts(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, half_days_worked integer, full_time_thousandths integer, working_days integer,
    vacant_days integer, sites integer)
language sql stable
as $$
select p.post_id, null::uuid, worked.half_days,
       coalesce(round(500.0 * worked.half_days / nullif(statistics.working_days(starts_on, until_on, p.calendar), 0)), 0)::integer,
       statistics.working_days(lower(open.days), upper(open.days), p.calendar),
       (select coalesce(sum(statistics.working_days(lower(gap.days), upper(gap.days), p.calendar)), 0)::integer
          from unnest(datemultirange(open.days) - coalesce(held.days, '{}'::datemultirange)) gap (days)),
       coalesce(seen.sites, 0)
  from statistics.post p
 cross join lateral (select daterange(greatest(p.opens_on, starts_on), least(coalesce(p.closes_on + 1, until_on), until_on)) as days
                      where greatest(p.opens_on, starts_on) < least(coalesce(p.closes_on + 1, until_on), until_on)) open
 cross join lateral (select coalesce(sum(2 * w.days_worked), 0)::integer as half_days from employer.presence w
                      where w.post_id = p.post_id and w.month_on >= starts_on and w.month_on < until_on) worked
 cross join lateral (select range_agg(daterange(h.starts_on, h.ends_on, '[]')) as days from accounts.posting h
                      where h.post_id = p.post_id and h.approved_at is not null) held
  left join (select a.post_id, count(distinct a.site_id)::integer as sites
               from statistics.acts(posts, slice, place, starts_on, until_on) a group by a.post_id) seen on seen.post_id = p.post_id
 where p.post_id = any (posts) and slice = 'all'
$$;
