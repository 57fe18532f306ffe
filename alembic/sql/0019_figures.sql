-- Compter : pour qui, quoi, et sans jamais refaire ce qui est déjà su. Seuls des nombres sortent d'ici.

create function statistics.counted(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, cells jsonb)
language sql stable
as $$
select asked.post_id, coalesce(jsonb_object_agg(m.cell, m.n) filter (where m.cell is not null), '{}')
  from unnest(posts) asked (post_id)
  left join statistics.cells(posts, slice, place, starts_on, until_on) m on m.post_id = asked.post_id and m.n <> 0
 group by asked.post_id
$$;
comment on function statistics.counted(uuid[], text, text, date, date) is 'Les cases de chaque poste, comptées sur les fiches : la définition même, lente.';

create function statistics.posts_within(kind text, place text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    mine uuid[] := '{}';
begin
    if session_user = 'relais_social_worker' and kind in ('post', 'unit', 'site') then
        mine := access.my_posts();
    elsif session_user = 'relais_coordinator' and kind <> 'national' then
        mine := array(select p.id from organisation.post p where p.employer_id = any (access.my_employers()));
    elsif session_user = 'relais_worker' then
        mine := array(select p.id from organisation.post p);
    end if;
    return array(
        select p.post_id from statistics.post p
         where p.post_id = any (mine)
           and case kind
               when 'post' then p.post_id::text = place
               when 'employer' then p.employer_id::text = place
               when 'departement' then p.departement_code = place
               when 'unit' then exists (select from organisation.post_unit s where s.post_id = p.post_id and s.unit_id::text = place)
               when 'site' then exists (select from organisation.site s where s.id::text = place)
               when 'zone' then exists (select from nomenclature.zone z where z.code = place)
               when 'national' then place = ''
               else false end
         order by 1);
end
$$;
comment on function statistics.posts_within(text, text) is 'Les postes d''un périmètre dont j''ai les chiffres exacts : les miens, ou ceux de mon employeur.';

create function statistics.slice_of(kind text) returns text
language sql immutable
as $$ select case when kind in ('unit', 'site', 'zone') then kind else 'all' end $$;
comment on function statistics.slice_of(text) is 'Un périmètre qui n''est qu''une part de chaque poste, ou tout le poste.';

-- Refait ce qui doit l'être. Le verrou est celui des lecteurs entre eux : une écriture n'attend jamais, elle laisse une ligne dans
-- « change ». Sous le verrou : d'abord consommer ces lignes et jeter ce qu'elles ont touché, puis, dans une autre instruction,
-- compter ce qui manque. Une écriture validée entre les deux a laissé une ligne de plus, que la lecture suivante trouvera.
create function statistics.settle(posts uuid[], slice text, place text, starts_on date, until_on date, for_a_sum boolean)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    part text := case slice when 'all' then '' else '/' || slice || ':' || place end;
    due uuid[] := array(
        select p.id from unnest(posts) p (id)
         where for_a_sum
            or exists (select from statistics.change c where c.post_id = p.id)
            or not exists (select from statistics.tally t where t.perimeter = 'post:' || p.id || part
                              and t.starts_on = settle.starts_on and t.until_on = settle.until_on)
         order by 1);
begin
    insert into statistics.recount (post_id) select unnest(due) on conflict do nothing;
    perform from statistics.recount r where r.post_id = any (due) order by r.post_id for update;
    with seen as (
        delete from statistics.change c where c.post_id = any (due) returning c.post_id, c.from_on),
    touched as (
        select s.post_id, min(s.from_on) as from_on from seen s group by s.post_id)
    delete from statistics.tally t using touched
     where (t.post_id = touched.post_id or t.post_id is null) and t.until_on > touched.from_on;
    due := array(
        select p.id from unnest(due) p (id)
         where not exists (select from statistics.tally t where t.perimeter = 'post:' || p.id || part
                              and t.starts_on = settle.starts_on and t.until_on = settle.until_on));
    if cardinality(due) > 0 then
        -- Un plan pour ces postes et ces jours-là, chaque fois : le plan passe-partout d'un poste s'enlise sur une nation.
        execute $counting$
            insert into statistics.tally (perimeter, starts_on, until_on, post_id, cells)
            select 'post:' || c.post_id || $6, $4, $5, c.post_id, c.cells from statistics.counted($1, $2, $3, $4, $5) c
                on conflict do nothing
        $counting$ using due, slice, place, starts_on, until_on, part;
    end if;
end
$$;
comment on function statistics.settle(uuid[], text, text, date, date, boolean) is 'Met à jour les comptages tenus d''avance de ces postes pour ces jours.';

create function statistics.summed(posts uuid[], slice text, place text, starts_on date, until_on date) returns jsonb
language sql stable
as $$
with kept as (
    select t.post_id, t.cells from statistics.tally t
     where t.perimeter = any (array(select 'post:' || p || case slice when 'all' then '' else '/' || slice || ':' || place end
                                      from unnest(posts) p))
       and t.starts_on = summed.starts_on and t.until_on = summed.until_on)
select case when (select count(*) from kept) = cardinality(posts) then coalesce(
    (select jsonb_object_agg(cells.cell, cells.n)
       from (select each.cell, sum(each.n::bigint) as n
               from kept cross join lateral jsonb_each_text(kept.cells) each (cell, n)
              group by each.cell) cells), '{}') end
$$;
comment on function statistics.summed(uuid[], text, text, date, date) is 'La somme des comptages tenus de ces postes ; vide s''il en manque un.';

create function statistics.figures(kind text, place text, starts_on date, until_on date) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    posts uuid[] := statistics.posts_within(kind, place);
    slice text := statistics.slice_of(kind);
    -- La somme de tous les postes se garde aussi, au nom de ces postes-là : un poste de plus en fait une autre. Celle de
    -- quelques-uns se fait à la lecture.
    kept text := case when session_user = 'relais_worker' and kind in ('national', 'zone')
                      then kind || ':' || place || ':' || md5(posts::text) end;
    one text := case when cardinality(posts) = 1
                     then 'post:' || posts[1] || case slice when 'all' then '' else '/' || slice || ':' || place end end;
    found jsonb;
begin
    if cardinality(posts) = 0 then
        return null;
    end if;
    if not exists (select from statistics.change c where c.post_id = any (posts)) then
        select t.cells into found from statistics.tally t
         where t.perimeter = coalesce(kept, one) and t.starts_on = figures.starts_on and t.until_on = figures.until_on;
        if found is not null then
            return found;
        end if;
    end if;
    perform statistics.settle(posts, slice, place, starts_on, until_on, kept is not null);
    found := statistics.summed(posts, slice, place, starts_on, until_on);
    if found is null then
        -- Pendant que l'on attendait, une autre lecture a jeté le comptage d'un poste que l'on tenait pour à jour.
        return statistics.recounted(posts, kind, place, starts_on, until_on);
    end if;
    if kept is not null then
        insert into statistics.tally (perimeter, starts_on, until_on, post_id, cells)
        values (kept, figures.starts_on, figures.until_on, null, found) on conflict do nothing;
    end if;
    return found;
end
$$;
comment on function statistics.figures(text, text, date, date) is 'Les cases d''un périmètre, exactes, au jour dit ; vide si ce périmètre n''est pas à moi.';

create function statistics.contributions(kind text, place text, starts_on date, until_on date, inner_pad bytea, outer_pad bytea)
returns table (cell text, events bigint, persons bigint, key_sum bigint, largest bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute $counting$
    with marks as materialized (
        select m.cell, m.contributor, sum(m.n) as n from statistics.marks($1, $2, $3, $4, $5) m group by m.cell, m.contributor),
    -- HMAC-SHA256 de l'identifiant, ses 32 premiers bits ; la clé ne vient que déjà mêlée, et ne reste pas.
    keys as (
        select c.contributor,
               ('x' || encode(substring(sha256($7 || sha256($6 || uuid_send(c.contributor))) from 1 for 4), 'hex'))::bit(32)::bigint as key
          from (select distinct m.contributor from marks m where m.contributor is not null) c)
    select m.cell, sum(m.n)::bigint, count(m.contributor), (coalesce(sum(k.key), 0) % 4294967296)::bigint, max(m.n)::bigint
      from marks m left join keys k on k.contributor = m.contributor
     group by m.cell
    $counting$ using statistics.posts_within(kind, place), statistics.slice_of(kind), place, starts_on, until_on, inner_pad, outer_pad;
end
$$;
comment on function statistics.contributions(text, text, date, date, bytea, bytea) is 'Pour publier : chaque case, combien de personnes la composent, la somme de leurs clés, et ce qu''apporte celle qui en a le plus. Aucun identifiant ne sort.';

create function statistics.recounted(posts uuid[], kind text, place text, starts_on date, until_on date) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    found jsonb;
begin
    execute $counting$
        select coalesce(jsonb_object_agg(cells.cell, cells.n), '{}')
          from (select c.cell, sum(c.n) as n from statistics.cells($1, $2, $3, $4, $5) c group by c.cell having sum(c.n) <> 0) cells
    $counting$ into found using posts, statistics.slice_of(kind), place, starts_on, until_on;
    return found;
end
$$;
comment on function statistics.recounted(uuid[], text, text, date, date) is 'Les mêmes cases, recomptées sur les fiches sans rien de tenu d''avance : pour vérifier un rapport figé.';

create function statistics.municipalities(kind text, place text, starts_on date, until_on date, folded_names text[], names text[])
returns table (municipality text, persons bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select official.name, count(*)
      from (select distinct a.post_id, a.person_id
              from statistics.acts(statistics.posts_within(kind, place), statistics.slice_of(kind), place, starts_on, until_on) a
             where a.person_id is not null) seen
      join social.person p on p.post_id = seen.post_id and p.id = seen.person_id
      -- Un texte qui n'est pas le nom d'une commune ne se répète pas.
      left join unnest(folded_names, names) official (folded, name) on official.folded = social.folded(p.municipality)
     group by official.name;
end
$$;
comment on function statistics.municipalities(text, text, date, date, text[], text[]) is 'Personnes par commune de résidence, parmi des noms de communes donnés ; les autres ensemble, sans nom.';

create function access.observed_employers() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    return array(
        select e.id from organisation.employer e, accounts.account a
         where a.id = account and session_user = 'relais_observatory' and coalesce(e.id = a.employer_id, true)
         order by 1);
end
$$;
comment on function access.observed_employers() is 'Les employeurs dont je suis le comité : le mien, ou tous si mon compte n''en nomme aucun.';

-- Ce qu'une écriture a pu changer, et depuis quel jour. Une ligne ajoutée, rien d'attendu : l'unité ne sent pas le poste travailler.
create function statistics.earliest(post uuid, situation uuid) returns date
language sql stable
as $$
select least(
    (select s.opened_on from social.situation s where s.post_id = post and s.id = situation),
    (select (min(r.sent_at) at time zone 'Europe/Paris')::date from social.referral_handling h
       join shared.referral r on r.unit_id = h.unit_id and r.id = h.referral_id
      where h.post_id = post and h.situation_id = situation),
    (select (min(r.sent_at) at time zone 'Europe/Paris')::date from social.partner_referral_handling h
       join exchange.referral r on r.post_id = h.post_id and r.id = h.referral_id
      where h.post_id = post and h.situation_id = situation),
    (select (min(i.occurred_at) at time zone 'Europe/Paris')::date from social.participation p
       join social.intervention i on i.post_id = p.post_id and i.participation_id = p.id
      where p.post_id = post and p.situation_id = situation),
    (select min(o.proposed_on) from social.participation p
       join social.orientation o on o.post_id = p.post_id and o.participation_id = p.id
      where p.post_id = post and p.situation_id = situation),
    (select (min(t.sent_at) at time zone 'Europe/Paris')::date from social.participation p
       join social.transmission t on t.post_id = p.post_id and t.participation_id = p.id
      where p.post_id = post and p.situation_id = situation))
$$;
comment on function statistics.earliest(uuid, uuid) is 'Le premier jour que touche une situation : saisine, ouverture, acte, orientation ou transmission.';

create function statistics.note_situation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    values (new.post_id, least(new.opened_on, case when tg_op = 'UPDATE' then old.opened_on end, statistics.earliest(new.post_id, new.id)));
    return null;
end
$$;

create function statistics.note_participation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    values (new.post_id, coalesce(statistics.earliest(new.post_id, new.situation_id), '-infinity'));
    return null;
end
$$;

create function statistics.note_act() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    values (new.post_id, least((new.occurred_at at time zone 'Europe/Paris')::date,
        case when tg_op = 'UPDATE' then (old.occurred_at at time zone 'Europe/Paris')::date end,
        case when tg_op = 'UPDATE' then statistics.earliest(old.post_id, old.situation_id) end,
        statistics.earliest(new.post_id, new.situation_id)));
    return null;
end
$$;

create function statistics.note_person() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select p.post_id, min(statistics.earliest(p.post_id, p.situation_id)) from social.participation p
     where p.post_id = new.post_id and p.person_id = new.id
     group by p.post_id;
    return null;
end
$$;

create function statistics.note_referral() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select distinct s.post_id, (new.sent_at at time zone 'Europe/Paris')::date from organisation.post_unit s where s.unit_id = new.unit_id;
    return null;
end
$$;

create function statistics.note_handling() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select posts.post_id, least((r.sent_at at time zone 'Europe/Paris')::date, statistics.earliest(new.post_id, new.situation_id),
                                case when tg_op = 'UPDATE' then statistics.earliest(old.post_id, old.situation_id) end)
      from shared.referral r
     cross join lateral (select new.post_id union select s.post_id from organisation.post_unit s where s.unit_id = new.unit_id) posts (post_id)
     where r.unit_id = new.unit_id and r.id = new.referral_id;
    return null;
end
$$;

create function statistics.note_partner_referral() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on) values (new.post_id, (new.sent_at at time zone 'Europe/Paris')::date);
    return null;
end
$$;

create function statistics.note_partner() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select r.post_id, (min(r.sent_at) at time zone 'Europe/Paris')::date from exchange.referral r
     where r.partner_id = new.id
     group by r.post_id;
    return null;
end
$$;

create function statistics.note_partner_handling() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select r.post_id, least((r.sent_at at time zone 'Europe/Paris')::date, statistics.earliest(new.post_id, new.situation_id),
                            case when tg_op = 'UPDATE' then statistics.earliest(old.post_id, old.situation_id) end)
      from exchange.referral r where r.post_id = new.post_id and r.id = new.referral_id;
    return null;
end
$$;

create function statistics.note_orientation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    values (new.post_id, least(new.proposed_on, case when tg_op = 'UPDATE' then old.proposed_on end));
    return null;
end
$$;

create function statistics.note_sent_orientation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select o.post_id, o.proposed_on from social.orientation o where o.post_id = new.post_id and o.id = new.id;
    return null;
end
$$;

create function statistics.note_transmission() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on) values (new.post_id, (new.sent_at at time zone 'Europe/Paris')::date);
    return null;
end
$$;

create function statistics.note_collective_activity() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    values (new.post_id, least(new.held_on, case when tg_op = 'UPDATE' then old.held_on end));
    return null;
end
$$;

create function statistics.note_presence() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on) values (new.post_id, new.month_on);
    return null;
end
$$;

-- L'organisation change rarement, et ses dates ne disent pas tout : tout est à recompter.
create function statistics.note_organisation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into statistics.change (post_id, from_on)
    select p.id, '-infinity' from organisation.post p
     where case tg_table_name
           when 'post' then p.id = (to_jsonb(new) ->> 'id')::uuid
           when 'employer' then p.employer_id = (to_jsonb(new) ->> 'id')::uuid
           -- Un acte peut nommer une unité que son poste ne dessert pas.
           when 'unit' then true
           when 'post_unit' then p.id in (select s.post_id from organisation.post_unit s where s.unit_id = (to_jsonb(new) ->> 'unit_id')::uuid)
           -- Un déplacement change deux postes.
           else p.id in ((to_jsonb(new) ->> 'post_id')::uuid, (to_jsonb(old) ->> 'post_id')::uuid) end;
    return null;
end
$$;

comment on function statistics.note_situation() is 'Une situation a changé.';
comment on function statistics.note_participation() is 'Une personne dans une situation a changé.';
comment on function statistics.note_act() is 'Un acte est noté ou corrigé.';
comment on function statistics.note_person() is 'Le sexe ou l''âge d''une personne a pu être corrigé.';
comment on function statistics.note_referral() is 'Une unité a envoyé ou retiré une saisine.';
comment on function statistics.note_handling() is 'Une saisine a été prise.';
comment on function statistics.note_partner_referral() is 'Un partenaire a envoyé ou retiré une saisine.';
comment on function statistics.note_partner() is 'Un partenaire a changé de catégorie.';
comment on function statistics.note_partner_handling() is 'Une saisine de partenaire a été prise.';
comment on function statistics.note_orientation() is 'Une orientation a avancé, du côté du poste.';
comment on function statistics.note_sent_orientation() is 'Une orientation a avancé, du côté du partenaire.';
comment on function statistics.note_transmission() is 'Une transmission est partie.';
comment on function statistics.note_collective_activity() is 'Une séance collective est notée ou corrigée.';
comment on function statistics.note_presence() is 'Les jours travaillés d''un mois sont notés ou corrigés.';
comment on function statistics.note_organisation() is 'Employeur, unité, poste, desserte ou affectation ont changé.';

create trigger situation_is_counted after insert or update on social.situation
    for each row execute function statistics.note_situation();
create trigger participation_is_counted after insert or update on social.participation
    for each row execute function statistics.note_participation();
create trigger intervention_is_counted after insert or update on social.intervention
    for each row execute function statistics.note_act();
create trigger person_is_counted after update of sex, birth_date, declared_minor on social.person
    for each row execute function statistics.note_person();
create trigger referral_is_counted after insert or update of withdrawn_at on shared.referral
    for each row execute function statistics.note_referral();
create trigger referral_handling_is_counted after insert or update on social.referral_handling
    for each row execute function statistics.note_handling();
create trigger partner_referral_is_counted after insert or update of withdrawn_at on exchange.referral
    for each row execute function statistics.note_partner_referral();
create trigger partner_is_counted after update of partner_category on directory.partner
    for each row when (old.partner_category is distinct from new.partner_category) execute function statistics.note_partner();
create trigger partner_referral_handling_is_counted after insert or update on social.partner_referral_handling
    for each row execute function statistics.note_partner_handling();
create trigger orientation_is_counted after insert or update on social.orientation
    for each row execute function statistics.note_orientation();
create trigger sent_orientation_is_counted after insert or update of taken_up_at, refused_at on exchange.orientation
    for each row execute function statistics.note_sent_orientation();
create trigger transmission_is_counted after insert on social.transmission
    for each row execute function statistics.note_transmission();
create trigger collective_activity_is_counted after insert or update on social.collective_activity
    for each row execute function statistics.note_collective_activity();
create trigger presence_is_counted after insert or update on employer.presence
    for each row execute function statistics.note_presence();
create trigger post_is_counted after insert or update on organisation.post
    for each row execute function statistics.note_organisation();
create trigger employer_is_counted after update of departement_code on organisation.employer
    for each row execute function statistics.note_organisation();
create trigger unit_is_counted after update of zone on organisation.unit
    for each row execute function statistics.note_organisation();
create trigger post_unit_is_counted after insert or update on organisation.post_unit
    for each row execute function statistics.note_organisation();
create trigger posting_is_counted after insert or update on accounts.posting
    for each row when (new.post_id is not null) execute function statistics.note_organisation();
