-- Made-up rows, the same for the same sizes: bench.posts, bench.persons, bench.situations, bench.interventions.
-- Superuser session; identifiers are shaped like UUIDv7, so that they sort by time as real ones do.

select setseed(0.42);
create schema bench;

create function bench.id(kind text, n bigint, at timestamptz default '2024-01-01Z') returns uuid
language sql immutable
return (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
        || '8' || substr(md5(kind || n), 4, 15))::uuid;

create function bench.one_of(choices text[], draw float8) returns text
language sql immutable
return choices[1 + floor(draw * cardinality(choices))::int];

-- Three years of work. Never on a whole second: a microsecond that ends in zeros is written in other ways.
create function bench.moment(n bigint, total bigint) returns timestamptz
language sql immutable
return '2023-11-01 08:00Z'::timestamptz + interval '1050 days' * (n::float8 / total) + interval '1 microsecond' * (n % 999983 + 1);

insert into organisation.employer values (bench.id('employer', 1), 'Département (banc d''essai)', 'departement', '28');

insert into organisation.unit (id, name, zone, departement_code, municipality)
select bench.id('unit', n), 'Unité ' || n, case when n % 2 = 0 then 'police' else 'gendarmerie' end, '28', 'Chartres'
  from generate_series(1, current_setting('bench.posts')::int) n;

insert into organisation.post (id, name, employer_id, starts_on)
select bench.id('post', n), 'Poste ' || n, bench.id('employer', 1), '2023-01-01'
  from generate_series(1, current_setting('bench.posts')::int) n;

insert into organisation.post_unit (post_id, unit_id, starts_on)
select bench.id('post', n), bench.id('unit', n), '2023-01-01'
  from generate_series(1, current_setting('bench.posts')::int) n;

-- A worker a post, and an officer a unit, each with a session that lives.
insert into accounts.account (id, email, name, role, created_at, approved_at)
select bench.id(role, n), role || '.' || n || '@banc.exemple.test', 'Personne ' || n, role, '2023-01-01Z', '2023-01-01Z'
  from unnest(array['social_worker', 'police_officer']) role, generate_series(1, current_setting('bench.posts')::int) n;

insert into accounts.posting (id, account_id, unit_id, post_id, starts_on, approved_at)
select bench.id(role || ' posting', n), bench.id(role, n),
       case when role = 'police_officer' then bench.id('unit', n) end,
       case when role = 'social_worker' then bench.id('post', n) end, '2023-01-01', '2023-01-01Z'
  from unnest(array['social_worker', 'police_officer']) role, generate_series(1, current_setting('bench.posts')::int) n;

insert into accounts.session (id, account_id, role, client_id, opened_at, expires_at, method, authenticated_at, idle_seconds, idle_until, shared_workstation)
select bench.id(role || ' session', n), bench.id(role, n), role, 'benchmarks', now(), now() + interval '12 hours',
       'password_totp', now(), 43200, now() + interval '12 hours', false
  from unnest(array['social_worker', 'police_officer']) role, generate_series(1, current_setting('bench.posts')::int) n;

-- About 7,000 family names: enough for a trigram to tell them apart.
insert into social.person
    (id, post_id, last_name, birth_name, first_name, sex, birth_date, birth_date_precision, phone, municipality, recorded_at)
select bench.id('person', n, at), bench.id('post', 1 + n % current_setting('bench.posts')::int),
       initcap(surname), case when c < 0.2 then initcap(maiden) end,
       bench.one_of('{Anne,Léa,Sofia,Jeanne,Awa,Fatou,Inès,Marie,Lucie,Zoé,Hélène,Chloé,Nadia,Yasmine,Karim,Louis,Paul,Théo,Malik,Hugo,Noël,Luc,Élodie,Clémence}', a),
       case when a < 0.7 then 'female' else 'male' end,
       '1945-01-01'::date + (d * 25000)::int, 'day', null, bench.one_of('{Chartres,Dreux,Châteaudun,Lucé,Vernouillet}', b), at
  from (select n, bench.moment(n, current_setting('bench.persons')::int) as at, a, b, c, d,
               bench.one_of('{bar,bel,ber,bo,cas,cha,cor,da,del,du,fer,gar,gi,gra,ha,la,le,mar,mo,na,pe,pla,ri,ro,sa,so,tho,va,vi}', b)
               || bench.one_of('{bi,cha,de,gue,la,li,ma,ne,que,re,ri,ra,si,ti,va}', c)
               || bench.one_of('{ni,lo,ve,gnon,rd,tier,nault,sson,chet,reau,bert,ville,quet,llard,ne,gne}', d) as surname,
               bench.one_of('{bar,bel,cha,du,fer,la,mar,pe,ri,so,vi}', d)
               || bench.one_of('{tier,nault,sson,chet,reau,bert,ville,quet}', b) as maiden
          from (select n, random() as a, random() as b, random() as c, random() as d
                  from generate_series(0, current_setting('bench.persons')::int - 1) n) drawn) named;

insert into shared.referral
    (id, unit_id, sent_by, sent_at, last_name, first_name, person_status, document_type, urgency, contact_consent, facts)
select bench.id('referral', n, at), bench.id('unit', post), bench.id('police_officer', post), at, 'Nom ' || n, 'Prénom',
       'victim', 'complaint', 'standard', 'given_to_officer', 'Faits de la saisine, en quelques mots.'
  from (select n, 1 + n % current_setting('bench.posts')::int as post,
               bench.moment(n, current_setting('bench.situations')::int) - interval '3 days' as at
          from generate_series(0, current_setting('bench.situations')::int - 1) n where n % 2 = 0) sent;

-- A tenth are closed, and the hundred newest of each post never: acts are written on them.
insert into social.situation
    (id, post_id, unit_id, status, referral_source, opened_on, opened_by, main_problem, secondary_problems, penal_context,
     urgency, closed_on, closure_reason, recorded_at)
select bench.id('situation', n, at), bench.id('post', post), bench.id('unit', post),
       case when closed then 'closed' else 'active' end,
       case when n % 2 = 0 then 'police_unit' else 'self_referral' end, at::date, bench.id('social_worker', post),
       bench.one_of('{partner_violence,partner_violence_physical,partner_violence_psychological,partner_violence_economic}', a),
       case when a < 0.3 then '{partner_violence_digital}'::text[] else '{}' end, 'penal', 'standard',
       case when closed then at::date + 30 end,
       case when closed then (select code from nomenclature.closure_reason order by sort_order limit 1) end, at
  from (select n, bench.moment(n, total) as at, 1 + n % posts as post, a, n % 10 = 3 and n < total - 100 * posts as closed
          from (select n, random() as a, current_setting('bench.situations')::int as total,
                       current_setting('bench.posts')::int as posts
                  from generate_series(0, current_setting('bench.situations')::int - 1) n) drawn) opened;

insert into social.referral_handling (referral_id, unit_id, post_id, received_at, received_by, decision, decided_at, situation_id)
select bench.id('referral', n, sent_at), bench.id('unit', post), bench.id('post', post), sent_at + interval '1 day',
       bench.id('social_worker', post), 'accepted', sent_at + interval '2 days', bench.id('situation', n, at)
  from (select n, 1 + n % current_setting('bench.posts')::int as post, at, at - interval '3 days' as sent_at
          from generate_series(0, current_setting('bench.situations')::int - 1) n,
               lateral (select bench.moment(n, current_setting('bench.situations')::int) as at) opened
         where n % 2 = 0) handled;

-- One person a situation, the same post; a fifth of the situations have a second one.
insert into social.participation
    (id, post_id, situation_id, person_id, person_status, contact_consent, known_to_social_services, joined_on)
select bench.id('participation', n + place * 100000000, at), bench.id('post', 1 + n % posts), bench.id('situation', n, at),
       bench.id('person', person, bench.moment(person, persons)),
       case place when 0 then 'victim' else 'exposed_child' end, 'given_to_iscg', 'not_recorded', at::date
  from (select n, place, persons, posts, bench.moment(n, current_setting('bench.situations')::int) as at,
               (n + place * posts) % persons as person
          from generate_series(0, current_setting('bench.situations')::int - 1) n,
               generate_series(0, 1) place,
               lateral (select current_setting('bench.posts')::int as posts, current_setting('bench.persons')::int as persons) size
         where place = 0 or n % 5 = 1) taking_part;

insert into social.intervention
    (id, post_id, situation_id, participation_id, unit_id, intervention_type, counts_as_interview, needs_home_visit_clearance,
     may_lack_participation, anonymous_contact, channel, outcome, occurred_at, duration_minutes, recorded_by, recorded_at)
select bench.id('intervention', n, at), bench.id('post', post), bench.id('situation', situation, opened_at),
       bench.id('participation', situation, opened_at), bench.id('unit', post), kind.code, kind.counts_as_interview,
       kind.needs_home_visit_clearance, kind.may_lack_participation, false,
       case when kind.code = 'phone_interview' then 'phone' else 'on_site' end, 'held', at, (10 + 80 * a)::int,
       bench.id('social_worker', post), at
  from (select n, n % situations as situation, 1 + n % situations % posts as post, a,
               bench.moment(n % situations, situations) as opened_at,
               bench.moment(n % situations, situations) + interval '1 hour' * (n / situations) + interval '7 minutes' as at
          from (select n, random() as a, current_setting('bench.situations')::int as situations,
                       current_setting('bench.posts')::int as posts
                  from generate_series(0, current_setting('bench.interventions')::int - 1) n) drawn) done
  join nomenclature.intervention_type kind
    on kind.code = case when n % 3 = 0 then 'phone_interview' when n % 3 = 1 then 'office_interview' else 'partner_liaison' end;

-- What the plain handlers write instead of the chained trace and the sealed note.
create table bench.plain_trace (
    id uuid primary key, account_id uuid not null, act text not null, subject_id uuid, at timestamptz not null);
create table bench.plain_note (
    id uuid primary key, post_id uuid not null, participation_id uuid not null, author_id uuid not null, amends_note_id uuid,
    written_at timestamptz not null, text text not null);
create index on bench.plain_note (participation_id, written_at desc);
