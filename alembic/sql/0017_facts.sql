-- Les faits que l'on compte : des lignes sans identité. Aucune voie n'y entre : seules les fonctions de comptage de
-- relais_facts les lisent, et n'en rendent que des nombres. Une colonne d'ici est ce qu'un indicateur peut nommer.

create view statistics.post as
select p.id as post_id, p.starts_on as opens_on, p.ends_on as closes_on, e.id as employer_id, e.departement_code,
       coalesce((select distinct h.departement_code from statistics.public_holiday h where h.departement_code = e.departement_code), '')
           as calendar,
       coalesce((select case when count(distinct u.zone) = 1 then min(u.zone) else 'mixed' end
                   from organisation.post_unit s join organisation.unit u on u.id = s.unit_id
                  where s.post_id = p.id), 'mixed') as zone
  from organisation.post p join organisation.employer e on e.id = p.employer_id;
comment on view statistics.post is 'Postes : employeur, département, zone (mixte si plusieurs).';

create view statistics.act as
select i.id, i.post_id, i.participation_id, i.situation_id, p.person_id,
       i.unit_id, i.site_id, coalesce(u.zone, post.zone) as zone,
       i.occurred_at as happened_at, (i.occurred_at at time zone 'Europe/Paris')::date as happened_on,
       i.intervention_type, i.channel, o.was_held as held, i.counts_as_interview and o.was_held as interview,
       t.counts_as_contact_attempt as attempt, i.anonymous_contact as anonymous, i.duration_minutes as minutes
  from social.intervention i
  join statistics.post post on post.post_id = i.post_id
  join nomenclature.intervention_outcome o on o.code = i.outcome
  join nomenclature.intervention_type t on t.code = i.intervention_type
  left join social.participation p on p.post_id = i.post_id and p.id = i.participation_id
  left join organisation.unit u on u.id = i.unit_id;
comment on view statistics.act is 'Actes : nature, issue, durée, lieu ; la personne n''y est qu''une clé, pour ne la compter qu''une fois.';

create view statistics.participation as
select p.post_id, p.id as participation_id, p.situation_id, p.person_id, p.person_status, p.contact_consent,
       p.known_to_social_services, s.unit_id, s.site_id, coalesce(u.zone, post.zone) as zone,
       coalesce(problem.parent_code, s.main_problem, 'not_recorded') as main_problem,
       coalesce(s.main_problem, 'not_recorded') as detailed_problem, s.secondary_problems,
       coalesce(s.penal_context, 'unknown') as penal_context,
       person.sex, person.birth_date, person.declared_minor
  from social.participation p
  join statistics.post post on post.post_id = p.post_id
  join social.situation s on s.post_id = p.post_id and s.id = p.situation_id
  join social.person person on person.post_id = p.post_id and person.id = p.person_id
  left join nomenclature.problem_type problem on problem.code = s.main_problem
  left join organisation.unit u on u.id = s.unit_id;
comment on view statistics.participation is 'Personnes dans une situation : statut, problématique, sexe, naissance pour l''âge. Ni nom, ni commune, ni téléphone.';

create view statistics.situation as
select s.post_id, s.id as situation_id, s.unit_id, s.site_id, coalesce(u.zone, post.zone) as zone, post.departement_code,
       s.opened_on, s.closed_on, s.closure_reason, s.referral_source,
       coalesce(problem.parent_code, s.main_problem, 'not_recorded') as main_problem,
       coalesce(s.penal_context, 'unknown') as penal_context, main.person_id, main.person_status, main.contact_consent
  from social.situation s
  join statistics.post post on post.post_id = s.post_id
  left join nomenclature.problem_type problem on problem.code = s.main_problem
  left join organisation.unit u on u.id = s.unit_id
  left join lateral (select p.person_id, p.person_status, p.contact_consent from social.participation p
                      where p.post_id = s.post_id and p.situation_id = s.id order by p.joined_on, p.id limit 1) main on true;
comment on view statistics.situation is 'Situations, avec le statut de leur première personne.';

-- Comme l'écrit la situation qu'ouvre une telle demande (services/partner_referrals.py) : avant, et si aucune ne s'ouvre.
create function statistics.source_of_partner(category text) returns text
language sql immutable
as $$
select case
    when category in ('departmental_social_service', 'child_protection_crip') then 'departmental_social_service'
    when category in ('ccas_cias') then 'ccas_cias'
    when category in ('victim_support') then 'victim_support_association'
    when category in ('womens_rights_cidff', 'violence_specialised', 'perpetrator_programme') then 'specialised_association'
    when category in ('pmi', 'hospital_emergency_umj', 'mental_health_service', 'addiction_service', 'general_practitioner', 'psychologist') then 'health_service'
    when category in ('school_social_service') then 'school'
    when category in ('access_to_law', 'prosecutor', 'family_judge_court', 'pjj_spip') then 'justice'
    when category in ('other_iscg') then 'other_iscg'
    else 'other' end
$$;
comment on function statistics.source_of_partner(text) is 'Origine d''une demande de partenaire, selon sa catégorie.';

create view statistics.referral as
-- D'une unité, prise par un poste.
select h.post_id, r.id, r.unit_id, r.sent_at as received_at, r.document_type, r.contact_consent, h.situation_id,
       case when z.held_by_gendarmerie then 'gendarmerie_unit' else 'police_unit' end as referral_source
  from social.referral_handling h
  join shared.referral r on r.unit_id = h.unit_id and r.id = h.referral_id
  join organisation.unit u on u.id = r.unit_id
  join nomenclature.zone z on z.code = u.zone
union all
-- D'une unité, pas encore prise : au premier poste qui dessert l'unité ce jour-là.
select pu.post_id, r.id, r.unit_id, r.sent_at, r.document_type, r.contact_consent, null,
       case when z.held_by_gendarmerie then 'gendarmerie_unit' else 'police_unit' end
  from organisation.post_unit pu
  join shared.referral r on r.unit_id = pu.unit_id and r.withdrawn_at is null
   and (r.sent_at at time zone 'Europe/Paris')::date >= pu.starts_on
   and coalesce((r.sent_at at time zone 'Europe/Paris')::date <= pu.ends_on, true)
  join organisation.unit u on u.id = r.unit_id
  join nomenclature.zone z on z.code = u.zone
 where not exists (select from social.referral_handling h where h.unit_id = r.unit_id and h.referral_id = r.id)
   and not exists (select from organisation.post_unit other
                    where other.unit_id = pu.unit_id and (other.post_id, other.starts_on) < (pu.post_id, pu.starts_on)
                      and (r.sent_at at time zone 'Europe/Paris')::date >= other.starts_on
                      and coalesce((r.sent_at at time zone 'Europe/Paris')::date <= other.ends_on, true))
union all
-- D'un partenaire.
select r.post_id, r.id, null, r.sent_at, 'none', r.contact_consent, h.situation_id,
       coalesce(s.referral_source, statistics.source_of_partner(p.partner_category))
  from exchange.referral r
  join directory.partner p on p.id = r.partner_id
  left join social.partner_referral_handling h on h.post_id = r.post_id and h.referral_id = r.id
  left join social.situation s on s.post_id = h.post_id and s.id = h.situation_id
 where r.withdrawn_at is null or h.referral_id is not null
union all
-- Sans écrit : la situation vaut saisine, au jour de son ouverture.
select s.post_id, s.id, s.unit_id, s.opened_on::timestamp at time zone 'Europe/Paris', 'none',
       coalesce(main.contact_consent, 'not_asked'), s.id, s.referral_source
  from social.situation s
  left join lateral (select p.contact_consent from social.participation p
                      where p.post_id = s.post_id and p.situation_id = s.id order by p.joined_on, p.id limit 1) main on true
 where not exists (select from social.referral_handling h where h.post_id = s.post_id and h.situation_id = s.id)
   and not exists (select from social.partner_referral_handling h where h.post_id = s.post_id and h.situation_id = s.id);
comment on view statistics.referral is 'Saisines, d''où qu''elles viennent : origine, document, jour. Ni nom, ni faits.';

create view statistics.orientation as
select o.post_id, o.id, o.participation_id, p.person_id, s.unit_id, s.site_id, coalesce(u.zone, post.zone) as zone,
       o.partner_category, o.partner_id is not null as partner_named, o.proposed_on,
       -- Une transmission peut se passer de l'accord : l'état seul ne le dit pas.
       o.agreed_on is not null or o.status = 'self_referred_by_person' as agreed,
       o.status = 'declined_by_person' as declined, o.status = 'self_referred_by_person' as alone,
       sent.id is not null as transmitted, sent.taken_up_at is not null as taken_up, sent.refused_at is not null as refused,
       sent.id is not null and sent.taken_up_at is null and sent.refused_at is null as unanswered
  from social.orientation o
  join statistics.post post on post.post_id = o.post_id
  join social.participation p on p.post_id = o.post_id and p.id = o.participation_id
  join social.situation s on s.post_id = p.post_id and s.id = p.situation_id
  left join organisation.unit u on u.id = s.unit_id
  left join exchange.orientation sent on sent.post_id = o.post_id and sent.id = o.id;
comment on view statistics.orientation is 'Orientations : vers quelle sorte de partenaire, et jusqu''où elles sont allées.';

create view statistics.transmission as
select t.post_id, t.id, t.transmission_kind, p.person_id, s.unit_id, s.site_id, coalesce(u.zone, post.zone) as zone,
       (t.sent_at at time zone 'Europe/Paris')::date as sent_on
  from social.transmission t
  join statistics.post post on post.post_id = t.post_id
  join social.participation p on p.post_id = t.post_id and p.id = t.participation_id
  join social.situation s on s.post_id = p.post_id and s.id = p.situation_id
  left join organisation.unit u on u.id = s.unit_id;
comment on view statistics.transmission is 'Transmissions : leur sorte et leur jour, sans destinataire ni contenu.';

create function statistics.covers(slice text, place text, unit_id uuid, site_id uuid, zone text) returns boolean
language sql immutable
as $$ select case slice when 'all' then true when 'unit' then unit_id::text = place
                        when 'site' then site_id::text = place when 'zone' then zone = place else false end $$;
comment on function statistics.covers(text, text, uuid, uuid, text) is 'La ligne est-elle dans cette part du poste : tout, une unité, un lieu, une zone ?';

create function statistics.noon(day date) returns timestamptz
language sql stable
as $$ select day::timestamp at time zone 'Europe/Paris' $$;
comment on function statistics.noon(date) is 'Le premier instant d''un jour, à l''heure de Paris.';

-- Du lundi au vendredi (le 1er janvier 1900 était un lundi), moins les fériés, dont la table n'a que ceux de ces cinq jours.
create function statistics.working_days(start date, before date, calendar text) returns integer
language sql stable
as $$
select case when before <= start then 0 else
    (5 * ((before - date '1900-01-01') / 7) + least((before - date '1900-01-01') % 7, 5))
  - (5 * ((start - date '1900-01-01') / 7) + least((start - date '1900-01-01') % 7, 5))
  - (select count(*)::integer from statistics.public_holiday h
      where h.departement_code = calendar and h.day >= start and h.day < before)
end $$;
comment on function statistics.working_days(date, date, text) is 'Jours ouvrés d''un jour inclus à un autre exclu, fériés retirés ; vide si l''un manque.';

create function statistics.age_in_years(birth_date date, day date) returns integer
language sql immutable
as $$ select case when birth_date <= day then extract(year from age(day, birth_date))::integer end $$;
comment on function statistics.age_in_years(date, date) is 'Âge en années révolues ; vide si la naissance est inconnue.';

create function statistics.age_band_of(age integer) returns text
language sql stable
as $$ select coalesce((select b.code from nomenclature.age_band b where age >= b.min_age and (b.max_age is null or age <= b.max_age)
                        limit 1), 'unknown') $$;
comment on function statistics.age_band_of(integer) is 'Tranche d''âge de la liste age_band.';

create function statistics.majority_of(age integer, declared_minor boolean) returns text
language sql immutable
as $$ select case when age < 18 or (age is null and declared_minor) then 'minor'
                  when age >= 18 or (age is null and not declared_minor) then 'adult' else 'unknown' end $$;
comment on function statistics.majority_of(integer, boolean) is 'Mineur, majeur, ou inconnu ; à défaut d''âge, ce qui a été déclaré.';

create function statistics.acts(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, participation_id uuid, situation_id uuid, person_id uuid, unit_id uuid, site_id uuid,
    happened_at timestamptz, happened_on date, intervention_type text, channel text, presence text, held boolean, interview boolean,
    anonymous boolean, minutes integer)
language sql stable
as $$
select a.post_id, coalesce(a.person_id, a.id), a.participation_id, a.situation_id, a.person_id, a.unit_id, a.site_id,
       a.happened_at, a.happened_on, a.intervention_type, a.channel,
       case when a.channel in ('on_site', 'home') then 'on_site' else 'remote' end, a.held, a.interview, a.anonymous,
       case when a.held then a.minutes end
  from statistics.act a
 where a.post_id = any (posts) and a.happened_at >= statistics.noon(starts_on) and a.happened_at < statistics.noon(until_on)
   and statistics.covers(slice, place, a.unit_id, a.site_id, a.zone)
$$;
comment on function statistics.acts(uuid[], text, text, date, date) is 'Actes datés de la période.';

create function statistics.persons(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, sex text, age integer, age_band text, majority text, main_problem text,
    known_to_social_services text, reached boolean, newly_met boolean)
language sql stable
as $$
with seen as (
    select a.post_id, a.person_id, bool_or(a.interview) as reached, min(a.happened_on) as first_on,
           (array_agg(a.participation_id order by a.happened_at, a.participation_id))[1] as participation_id
      from statistics.acts(posts, slice, place, starts_on, until_on) a
     where a.person_id is not null
     group by a.post_id, a.person_id)
select s.post_id, s.person_id, p.sex, years.age, statistics.age_band_of(years.age),
       statistics.majority_of(years.age, p.declared_minor), p.main_problem, p.known_to_social_services, s.reached,
       not exists (select from social.participation own
                     join social.intervention before on before.post_id = own.post_id and before.participation_id = own.id
                    where own.post_id = s.post_id and own.person_id = s.person_id
                      and before.occurred_at < statistics.noon(starts_on))
  from seen s
  join statistics.participation p on p.post_id = s.post_id and p.participation_id = s.participation_id
 cross join lateral (select statistics.age_in_years(p.birth_date, s.first_on) as age) years
$$;
comment on function statistics.persons(uuid[], text, text, date, date) is 'Personnes de la période, une fois chacune, au jour de leur premier acte.';

create function statistics.persons_by_unit(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, unit_id text, counted_once boolean)
language sql stable
as $$
select a.post_id, a.person_id, a.unit_id::text, row_number() over (partition by a.post_id, a.person_id order by a.unit_id) = 1
  from statistics.acts(posts, slice, place, starts_on, until_on) a
 where a.person_id is not null
 group by a.post_id, a.person_id, a.unit_id
$$;
comment on function statistics.persons_by_unit(uuid[], text, text, date, date) is 'Personnes de la période, une fois pour chaque unité ; counted_once n''en garde qu''une ligne, pour les compter toutes.';

create function statistics.participations(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, participation_id uuid, person_status text, sex text, majority text, main_problem text,
    detailed_problem text, secondary_problems text[], oriented boolean)
language sql stable
as $$
with active as (
    select a.post_id, a.participation_id, min(a.happened_on) as first_on
      from statistics.acts(posts, slice, place, starts_on, until_on) a
     where a.participation_id is not null
     group by a.post_id, a.participation_id)
select a.post_id, p.person_id, a.participation_id, p.person_status, p.sex,
       statistics.majority_of(statistics.age_in_years(p.birth_date, a.first_on), p.declared_minor),
       p.main_problem, p.detailed_problem, p.secondary_problems,
       exists (select from social.orientation o where o.post_id = a.post_id and o.participation_id = a.participation_id
                  and o.proposed_on < until_on and (o.agreed_on is not null or o.status = 'self_referred_by_person'))
  from active a
  join statistics.participation p on p.post_id = a.post_id and p.participation_id = a.participation_id
$$;
comment on function statistics.participations(uuid[], text, text, date, date) is 'Personnes dans une situation, avec au moins un acte dans la période.';

create function statistics.secondary_problems(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, main_problem text)
language sql stable
as $$
select p.post_id, p.contributor, mention.main_problem
  from statistics.participations(posts, slice, place, starts_on, until_on) p
 cross join lateral (select distinct coalesce(t.parent_code, t.code) from nomenclature.problem_type t
                      where t.code = any (p.secondary_problems)) mention (main_problem)
$$;
comment on function statistics.secondary_problems(uuid[], text, text, date, date) is 'Problématiques secondaires (premier niveau), une fois par personne dans une situation.';

create function statistics.situations(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, main_problem text, penal_context text, closure_reason text, person_status text,
    opened boolean, active boolean, closed boolean, follow_up_days integer)
language sql stable
as $$
with active as (
    select distinct a.post_id, a.situation_id from statistics.acts(posts, slice, place, starts_on, until_on) a
     where a.situation_id is not null)
select s.post_id, coalesce(s.person_id, s.situation_id), s.main_problem, s.penal_context, coalesce(s.closure_reason, 'none'),
       coalesce(s.person_status, 'unknown'), spoken.opened, a.situation_id is not null, spoken.closed,
       case when spoken.closed then s.closed_on - s.opened_on end
  from statistics.situation s
  left join active a on a.post_id = s.post_id and a.situation_id = s.situation_id
 cross join lateral (
    select statistics.covers(slice, place, s.unit_id, s.site_id, s.zone)
               and s.opened_on >= starts_on and s.opened_on < until_on as opened,
           statistics.covers(slice, place, s.unit_id, s.site_id, s.zone) and s.closed_on is not null
               and s.closed_on >= starts_on and s.closed_on < until_on as closed) spoken
 where s.post_id = any (posts) and (spoken.opened or spoken.closed or a.situation_id is not null)
$$;
comment on function statistics.situations(uuid[], text, text, date, date) is 'Situations ouvertes, actives ou closes dans la période.';

create function statistics.referrals(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, referral_source text, document_type text, documented text, zone text, unit_id text,
    contact_consent text, refused boolean, due_for_contact boolean, met boolean, first_attempt_days integer,
    first_contact_days integer, first_interview_days integer)
language sql stable
as $$
with received as materialized (
    select r.post_id, r.id, r.referral_source, r.document_type, r.unit_id, r.contact_consent, r.situation_id,
           s.person_id, s.contact_consent as theirs, s.closure_reason, s.site_id, coalesce(u.zone, post.zone) as zone, post.calendar,
           (r.received_at at time zone 'Europe/Paris')::date as received_on
      from statistics.referral r
      join statistics.post post on post.post_id = r.post_id
      left join organisation.unit u on u.id = r.unit_id
      left join statistics.situation s on s.post_id = r.post_id and s.situation_id = r.situation_id
     where r.post_id = any (posts) and r.received_at >= statistics.noon(starts_on) and r.received_at < statistics.noon(until_on)),
contacts as materialized (
    select p.post_id, p.situation_id,
           (min(i.occurred_at) filter (where t.counts_as_contact_attempt) at time zone 'Europe/Paris')::date as attempt_on,
           (min(i.occurred_at) filter (where t.counts_as_contact_attempt and o.was_held) at time zone 'Europe/Paris')::date as contact_on,
           (min(i.occurred_at) filter (where i.counts_as_interview and o.was_held) at time zone 'Europe/Paris')::date as interview_on
      from received r
      join social.participation p on p.post_id = r.post_id and p.situation_id = r.situation_id
      join social.intervention i on i.post_id = p.post_id and i.participation_id = p.id
      join nomenclature.intervention_type t on t.code = i.intervention_type
      join nomenclature.intervention_outcome o on o.code = i.outcome
     group by p.post_id, p.situation_id)
select r.post_id, coalesce(r.person_id, r.id), r.referral_source, r.document_type,
       case when r.document_type = 'none' then 'without' else 'with' end, r.zone, r.unit_id::text, r.contact_consent,
       not said.allows_contact or not coalesce(theirs.allows_contact, true) or coalesce(r.closure_reason = 'declined_by_person', false),
       r.received_on <= until_on - 16, c.interview_on is not null,
       statistics.working_days(r.received_on, c.attempt_on, r.calendar),
       statistics.working_days(r.received_on, c.contact_on, r.calendar),
       statistics.working_days(r.received_on, c.interview_on, r.calendar)
  from received r
  join nomenclature.contact_consent said on said.code = r.contact_consent
  left join nomenclature.contact_consent theirs on theirs.code = r.theirs
  left join contacts c on c.post_id = r.post_id and c.situation_id = r.situation_id
 where statistics.covers(slice, place, r.unit_id, r.site_id, r.zone)
$$;
comment on function statistics.referrals(uuid[], text, text, date, date) is 'Saisines reçues dans la période, et en combien de jours ouvrés la personne a été jointe.';

create function statistics.orientations(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, partner_category text, partner_named boolean, agreed boolean, declined boolean,
    alone boolean, transmitted boolean, taken_up boolean, refused boolean, unanswered boolean)
language sql stable
as $$
select o.post_id, o.person_id, o.partner_category, o.partner_named, o.agreed, o.declined, o.alone, o.transmitted, o.taken_up,
       o.refused, o.unanswered
  from statistics.orientation o
 where o.post_id = any (posts) and o.proposed_on >= starts_on and o.proposed_on < until_on
   and statistics.covers(slice, place, o.unit_id, o.site_id, o.zone)
$$;
comment on function statistics.orientations(uuid[], text, text, date, date) is 'Orientations proposées dans la période.';

create function statistics.transmissions(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, transmission_kind text)
language sql stable
as $$
select t.post_id, t.person_id, t.transmission_kind
  from statistics.transmission t
 where t.post_id = any (posts) and t.sent_on >= starts_on and t.sent_on < until_on
   and statistics.covers(slice, place, t.unit_id, t.site_id, t.zone)
$$;
comment on function statistics.transmissions(uuid[], text, text, date, date) is 'Transmissions envoyées dans la période.';

create function statistics.collective_activities(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, contributor uuid, collective_activity_type text, duration_minutes integer, participants integer)
language sql stable
as $$
select c.post_id, null::uuid, c.collective_activity_type, c.duration_minutes, c.participants
  from social.collective_activity c join statistics.post post on post.post_id = c.post_id
 where c.post_id = any (posts) and c.held_on >= starts_on and c.held_on < until_on
   and statistics.covers(slice, place, null, c.site_id, post.zone)
$$;
comment on function statistics.collective_activities(uuid[], text, text, date, date) is 'Séances collectives tenues dans la période.';

create function statistics.posts(posts uuid[], slice text, place text, starts_on date, until_on date)
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
                      where h.post_id = p.post_id) held
  left join (select a.post_id, count(distinct a.site_id)::integer as sites
               from statistics.acts(posts, slice, place, starts_on, until_on) a group by a.post_id) seen on seen.post_id = p.post_id
 where p.post_id = any (posts) and slice = 'all'
$$;
comment on function statistics.posts(uuid[], text, text, date, date) is 'Postes ouverts dans la période : jours travaillés, vacance, lieux. Pour le poste entier seulement.';
