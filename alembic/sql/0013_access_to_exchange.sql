-- La porte s'ouvre à trois de plus : le partenaire, le coordinateur, le porteur d'un lien de réponse.
-- Les fonctions déjà remises à leur officier se changent sous son habit.

create function access.my_partners() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    today date := access.today();
begin
    return array(
        select distinct p.partner_id from accounts.posting p
         where p.account_id = account and p.partner_id is not null
           and session_user = 'relais_partner'
           and p.starts_on <= today and coalesce(p.ends_on >= today, true)
         order by 1);
end
$$;
comment on function access.my_partners() is 'Les organismes pour lesquels je réponds aujourd''hui.';

create function access.my_employers() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    return array(
        select a.employer_id from accounts.account a
         where a.id = account and a.employer_id is not null and session_user = 'relais_coordinator');
end
$$;
comment on function access.my_employers() is 'L''employeur que je coordonne.';

-- Le lien de réponse : le réglage ne porte que l'empreinte du jeton, revérifiée à chaque instruction.
create function access.my_link() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    claimed text := current_setting('relais.link', true);
    link uuid;
begin
    if claimed ~ '^[0-9a-f]{64}$' and session_user = 'relais_answering' then
        select l.id into link
          from exchange.answer_link l
         where l.token_hash = decode(claimed, 'hex')
           and l.used_at is null and l.revoked_at is null and l.expires_at > clock_timestamp();
    end if;
    if link is null then
        raise exception using errcode = '28000', message = 'no live link';
    end if;
    return link;
end
$$;
comment on function access.my_link() is 'Le lien ouvert par access.open_link, s''il vit encore ; erreur 28000 sinon.';

create function access.linked_orientation() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    link uuid := access.my_link();
begin
    return (select l.orientation_id from exchange.answer_link l where l.id = link);
end
$$;
comment on function access.linked_orientation() is 'L''orientation à laquelle mon lien répond.';

create function access.open_link(token_hash bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('relais.link', encode(token_hash, 'hex'), true);
    perform access.my_link();
end
$$;
comment on function access.open_link(bytea) is 'Première instruction d''une réponse par lien : le lien existe, n''a pas servi, n''est ni révoqué ni périmé.';

create function access.spend_link() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    link uuid := access.my_link();
begin
    update exchange.answer_link l set used_at = now() where l.id = link and l.used_at is null;
    if not found then
        raise exception using errcode = '28000', message = 'no live link';
    end if;
end
$$;
comment on function access.spend_link() is 'Dernière instruction d''une réponse par lien : il ne sert plus ; de deux réponses simultanées, une seule passe.';

create function access.trace_link(act text, row_count integer, outcome text default 'done') returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform audit.append('00000000-0000-0000-0000-000000000000', null, null, act, access.linked_orientation(), row_count, outcome);
end
$$;
comment on function access.trace_link(text, integer, text) is 'Trace de ce qui se fait par un lien : l''orientation, jamais le jeton.';

-- Mon compte dit aussi pour quels organismes je réponds.
grant create on schema access to relais_gate;
set local role relais_gate;
drop function access.my_account();
create function access.my_account()
returns table (id uuid, name text, email text, role text, employer_id uuid, secrecy_basis text, unit_ids uuid[], post_ids uuid[], partner_ids uuid[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select a.id, a.name, a.email, a.role, a.employer_id, a.secrecy_basis, access.my_units(), access.my_posts(), access.my_partners()
          from accounts.account a where a.id = access.me();
end
$$;
comment on function access.my_account() is 'Mon compte et mes affectations.';
revoke all on function access.my_account() from public;
reset role;
revoke create on schema access from relais_gate;

-- Une chaîne de traces par organisme, comme par poste et par unité.
grant create on schema access to relais_chain;
set local role relais_chain;
create or replace function access.trace(act text, subject uuid, row_count integer, outcome text default 'done') returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    perimeters uuid[] := access.my_posts();
begin
    if cardinality(perimeters) = 0 then
        perimeters := access.my_units();
    end if;
    if cardinality(perimeters) = 0 then
        perimeters := access.my_partners();
    end if;
    perform audit.append(
        case when cardinality(perimeters) = 1 then perimeters[1] else '00000000-0000-0000-0000-000000000000' end,
        account, current_setting('relais.session')::uuid, act, subject, row_count, outcome);
end
$$;
reset role;
revoke create on schema access from relais_chain;
