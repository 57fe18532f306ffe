-- Ten years of invented work: bench.posts, bench.situations (a multiple of posts); six posts a département, three acts a
-- situation, four persons for three… the same rows for the same sizes. Superuser session, triggers and keys asleep.

create schema if not exists bench;

create function bench.id(kind int, n bigint) returns uuid
language sql immutable
return (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(kind), 12, '0'))::uuid;

-- A draw between 0 and 1 that depends on nothing but its name.
create function bench.draw(n bigint, salt int) returns float8
language sql immutable
return (hashint8(n * 64 + salt)::bigint + 2147483648) / 4294967296.0;

create function bench.of(choices text[], draw float8) returns text
language sql immutable
return choices[1 + floor(draw * cardinality(choices))::int];

insert into organisation.employer
select bench.id(1, d), 'Employeur ' || d, 'departement', lpad((1 + (d - 1) % 19)::text, 2, '0')
  from generate_series(1, (current_setting('bench.posts')::int + 5) / 6) d;

insert into organisation.unit (id, name, zone, departement_code, municipality)
select bench.id(2, n), 'Unité ' || n, case when n % 2 = 0 then 'police' else 'gendarmerie' end, '01', 'Bourg'
  from generate_series(1, current_setting('bench.posts')::int) n;

insert into organisation.site (id, name, site_type, municipality)
select bench.id(3, n), 'Lieu ' || n, 'town_hall', 'Bourg' from generate_series(1, current_setting('bench.posts')::int) n;

insert into organisation.post (id, name, employer_id, starts_on)
select bench.id(4, n), 'Poste ' || n, bench.id(1, 1 + (n - 1) / 6), '2017-01-01'
  from generate_series(1, current_setting('bench.posts')::int) n;

insert into organisation.post_unit (post_id, unit_id, starts_on)
select bench.id(4, n), bench.id(2, n), '2017-01-01' from generate_series(1, current_setting('bench.posts')::int) n;

-- Who counts: the worker of the first post, the coordinator of her employer, the observatory; each with a live session.
insert into accounts.account (id, email, name, role, employer_id, created_at, approved_at)
select bench.id(5, n), role || '@banc.exemple.test', role, role, case when n = 2 then bench.id(1, 1) end, '2017-01-01Z', '2017-01-01Z'
  from unnest(array['social_worker', 'coordinator', 'observatory']) with ordinality each (role, n);
insert into accounts.posting (id, account_id, post_id, starts_on, approved_at)
values (bench.id(6, 1), bench.id(5, 1), bench.id(4, 1), '2017-01-01', '2017-01-01Z');
insert into accounts.session (id, account_id, role, client_id, opened_at, expires_at, method, authenticated_at, idle_seconds, idle_until, shared_workstation)
select bench.id(7, n), bench.id(5, n), role, 'benchmarks', now(), now() + interval '12 hours',
       'password_totp', now(), 43200, now() + interval '12 hours', false
  from unnest(array['social_worker', 'coordinator', 'observatory']) with ordinality each (role, n);

-- A situation is the k-th of its post, and opens so far in the ten years; three persons for four situations.
create unlogged table bench.situation as
select n, 1 + n % posts as post, n / posts as k, '2017-01-01'::date + (3600 * (n / posts) / (total / posts))::int as day
  from (select current_setting('bench.posts')::bigint as posts, current_setting('bench.situations')::bigint as total) size,
       generate_series(0, total - 1) n;

insert into social.person (id, post_id, sex, birth_date, birth_date_precision, recorded_at)
select bench.id(8, n), bench.id(4, 1 + n % current_setting('bench.posts')::int),
       case when bench.draw(n, 1) < 0.75 then 'female' else 'male' end,
       '1940-01-01'::date + (bench.draw(n, 2) * 26000)::int, 'day', '2017-01-01Z'
  from generate_series(0, 3 * current_setting('bench.situations')::bigint / 4 + current_setting('bench.posts')::int) n;

insert into social.situation
    (id, post_id, unit_id, site_id, status, referral_source, opened_on, opened_by, main_problem, secondary_problems,
     penal_context, closed_on, closure_reason, recorded_at)
select bench.id(9, n), bench.id(4, post), case when bench.draw(n, 3) < 0.75 then bench.id(2, post) end, bench.id(3, post),
       'closed', case when bench.draw(n, 3) < 0.75 then 'police_unit' else 'self_referral' end, day, bench.id(5, 1),
       bench.of('{partner_violence,partner_violence_physical,partner_conflict,family_conflict,child_protection,housing}', bench.draw(n, 4)),
       case when bench.draw(n, 5) < 0.3 then '{addiction}'::text[] else '{}' end,
       bench.of('{penal,non_penal}', bench.draw(n, 6)), day + 20 + (bench.draw(n, 7) * 60)::int,
       bench.of('{relay_effective,need_met,information_only,unreachable}', bench.draw(n, 8)), day::timestamptz
  from bench.situation;

insert into social.participation
    (id, post_id, situation_id, person_id, person_status, contact_consent, known_to_social_services, joined_on)
select bench.id(10, n), bench.id(4, post), bench.id(9, n),
       bench.id(8, post - 1 + current_setting('bench.posts')::bigint * (3 * k / 4)),
       bench.of('{victim,victim,victim,alleged_perpetrator,person_in_social_distress}', bench.draw(n, 9)), 'given_to_iscg',
       bench.of('{unknown_to_services,known_other_reason,known_same_reason,currently_followed}', bench.draw(n, 10)), day
  from bench.situation;

insert into social.intervention
    (id, post_id, situation_id, participation_id, unit_id, site_id, intervention_type, counts_as_interview,
     needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel, outcome, occurred_at, duration_minutes,
     recorded_by, recorded_at)
select bench.id(11 + act, n), bench.id(4, post), bench.id(9, n), bench.id(10, n), bench.id(2, post), bench.id(3, post), t.code,
       t.counts_as_interview, t.needs_home_visit_clearance, t.may_lack_participation, false,
       case when t.code = 'office_interview' then 'on_site' else 'phone' end,
       case when bench.draw(n, 20 + act) < 0.85 then 'held' else 'missed' end,
       day + interval '10 hours' + act * (1 + (bench.draw(n, 30 + act) * 20)::int) * interval '1 day',
       20 + (bench.draw(n, 40 + act) * 60)::int, bench.id(5, 1), day::timestamptz
  from bench.situation
 cross join generate_series(0, 2) act
  join nomenclature.intervention_type t
    on t.code = bench.of('{phone_interview,phone_interview,office_interview,contact_attempt,partner_liaison}', bench.draw(n, 50 + act));

drop table bench.situation;
