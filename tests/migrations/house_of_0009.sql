-- Une maison de la version 0.1.0 (révision 0009) où l'on a travaillé : au moins une ligne par table de ce temps-là.
-- Personnes inventées. Écrit en superutilisateur, tel que ces tables étaient : ce fichier ne suit pas les suivantes.

insert into organisation.employer (id, name, employer_type, departement_code) values
    ('00000000-0000-7000-8000-000000000001', 'Département', 'departement', '28'),
    ('00000000-0000-7000-8000-000000000002', 'CCAS', 'commune_ccas', '2A');
insert into organisation.unit (id, name, zone, departement_code, municipality, closed_on) values
    ('00000000-0000-7000-8000-000000000011', 'Commissariat', 'police', '28', 'Chartres', null),
    ('00000000-0000-7000-8000-000000000012', 'Brigade', 'gendarmerie', '28', 'Dreux', '2026-06-30');
insert into organisation.site (id, name, site_type, municipality) values
    ('00000000-0000-7000-8000-000000000021', 'Bureau du commissariat', 'police_station', 'Chartres');
insert into organisation.post (id, name, employer_id, starts_on, ends_on) values
    ('00000000-0000-7000-8000-000000000031', 'Poste mutualisé', '00000000-0000-7000-8000-000000000001', '2026-01-01', '2028-12-31');
insert into organisation.post_unit (post_id, unit_id, starts_on, ends_on) values
    ('00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000011', '2026-01-01', null),
    ('00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000012', '2026-01-01', '2026-06-30');

-- Un compte par rôle, dont deux intervenants ; un compte clos.
insert into accounts.account (id, email, name, role, employer_id, diploma, secrecy_basis, created_at, ended_at)
select ('00000000-0000-7000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, name || '@exemple.test', name, role,
       case when role in ('social_worker', 'coordinator') then '00000000-0000-7000-8000-000000000001'::uuid end,
       case when role = 'social_worker' then 'ass' end,
       case name when 'worker' then 'by_profession' when 'colleague' then 'by_mission' end,
       '2026-01-02 08:00+00', case when name = 'gone' then timestamptz '2026-03-01 08:00+00' end
  from (values (1, 'worker', 'social_worker'), (2, 'colleague', 'social_worker'), (3, 'officer', 'police_officer'),
               (4, 'commander', 'unit_commander'), (5, 'partner', 'partner'), (6, 'coordinator', 'coordinator'),
               (7, 'observatory', 'observatory'), (8, 'administrator', 'administrator'), (9, 'dpo', 'dpo'),
               (10, 'gone', 'partner')) as people (n, name, role);
insert into accounts.credential (account_id, password_hash, changed_at)
select id, '$argon2id$v=19$m=65536,t=3,p=4$' || repeat('A', 22) || '$' || repeat('B', 43), created_at from accounts.account;
insert into accounts.posting (id, account_id, unit_id, post_id, starts_on, ends_on) values
    ('00000000-0000-7000-8000-000000000041', '00000000-0000-7000-8000-000000000101', null, '00000000-0000-7000-8000-000000000031', '2026-01-01', null),
    ('00000000-0000-7000-8000-000000000042', '00000000-0000-7000-8000-000000000102', null, '00000000-0000-7000-8000-000000000031', '2026-01-01', '2026-02-01'),
    ('00000000-0000-7000-8000-000000000043', '00000000-0000-7000-8000-000000000103', '00000000-0000-7000-8000-000000000011', null, '2026-01-01', null),
    ('00000000-0000-7000-8000-000000000044', '00000000-0000-7000-8000-000000000104', '00000000-0000-7000-8000-000000000012', null, '2026-01-01', null);
-- Deux sessions vivantes, une révoquée.
insert into accounts.session (id, account_id, role, client_id, opened_at, expires_at, revoked_at, revoked_because) values
    ('00000000-0000-7000-8000-000000000051', '00000000-0000-7000-8000-000000000101', 'social_worker', 'web', now(), now() + interval '12 hours', null, null),
    ('00000000-0000-7000-8000-000000000052', '00000000-0000-7000-8000-000000000103', 'police_officer', 'web', now(), now() + interval '12 hours', null, null),
    ('00000000-0000-7000-8000-000000000053', '00000000-0000-7000-8000-000000000109', 'dpo', 'web', '2026-02-01', '2026-02-02', '2026-02-01', 'logout');
insert into accounts.refresh_token (token_hash, session_id, issued_at, spent_at) values
    (sha256('un'), '00000000-0000-7000-8000-000000000051', now(), null),
    (sha256('deux'), '00000000-0000-7000-8000-000000000053', '2026-02-01 08:00+00', '2026-02-01 09:00+00');

insert into shared.referral (id, unit_id, sent_by, sent_at, last_name, first_name, birth_date, birth_date_precision, sex, phone,
    municipality, person_status, safe_contact_hint, document_type, document_number, facts, urgency, contact_consent,
    danger_grid_positive, withdrawn_at, feedback_code, feedback_on) values
    ('00000000-0000-7000-8000-000000000061', '00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000103',
     '2026-02-03 09:30+00', 'Bolieu', 'Anne', '1990-01-01', 'day', 'female', '+33612345678', 'Chartres', 'victim', 'Le matin seulement.',
     'complaint', '2026/000123', 'Trois lignes de faits.', 'urgent', 'given_to_officer', true, null, 'received', '2026-02-04'),
    ('00000000-0000-7000-8000-000000000062', '00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000103',
     '2026-02-05 09:30+00', 'Petit', null, null, null, null, null, null, 'alleged_perpetrator', null,
     'main_courante', null, null, 'immediate', 'given_to_officer', null, '2026-02-06 10:00+00', null, null);

insert into social.person (id, post_id, last_name, birth_name, first_name, sex, birth_date, birth_date_precision, declared_minor, phone,
    municipality, household_type, housing_status, employment_status, recorded_at) values
    ('00000000-0000-7000-8000-000000000071', '00000000-0000-7000-8000-000000000031', 'Bolieu', 'Lefèvre', 'Anne', 'female', '1990-01-01', 'day',
     false, '+33612345678', 'Chartres', 'single_with_children', 'tenant_private', 'employed', '2026-02-04 08:00+00'),
    ('00000000-0000-7000-8000-000000000072', '00000000-0000-7000-8000-000000000031', null, null, 'Kévin', 'male', null, null, true, null,
     null, null, null, null, '2026-02-04 08:00+00');
insert into social.household_link (id, post_id, person_id, other_person_id, household_link) values
    ('00000000-0000-7000-8000-000000000073', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000071',
     '00000000-0000-7000-8000-000000000072', 'parent');
insert into social.situation (id, post_id, unit_id, site_id, status, referral_source, opened_on, opened_by, main_problem, secondary_problems,
    penal_context, urgency, suspended_on, closed_on, closure_reason, recorded_at) values
    ('00000000-0000-7000-8000-000000000081', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000011',
     '00000000-0000-7000-8000-000000000021', 'active', 'police_unit', '2026-02-04', '00000000-0000-7000-8000-000000000101',
     'partner_violence', '{partner_violence_physical}', 'penal', 'urgent', null, null, null, '2026-02-04 08:00+00'),
    ('00000000-0000-7000-8000-000000000082', '00000000-0000-7000-8000-000000000031', null, null, 'closed', 'self_referral',
     '2026-02-01', '00000000-0000-7000-8000-000000000102', null, '{}', null, null, null, '2026-03-01', 'need_met', '2026-02-01 08:00+00');
insert into social.referral_handling (referral_id, unit_id, post_id, received_at, received_by, decision, decided_at, redirected_to, situation_id) values
    ('00000000-0000-7000-8000-000000000061', '00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000031', '2026-02-04 07:00+00',
     '00000000-0000-7000-8000-000000000101', 'accepted', '2026-02-04 08:00+00', null, '00000000-0000-7000-8000-000000000081'),
    ('00000000-0000-7000-8000-000000000062', '00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000031', '2026-02-06 07:00+00',
     '00000000-0000-7000-8000-000000000101', 'redirected', '2026-02-06 08:00+00', 'Le CCAS', null);
insert into social.participation (id, post_id, situation_id, person_id, person_status, contact_consent, known_to_social_services, joined_on) values
    ('00000000-0000-7000-8000-000000000091', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000081',
     '00000000-0000-7000-8000-000000000071', 'victim', 'given_to_iscg', 'unknown_to_services', '2026-02-04'),
    ('00000000-0000-7000-8000-000000000092', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000082',
     '00000000-0000-7000-8000-000000000072', 'alleged_perpetrator', 'given_to_iscg', 'known_other_reason', '2026-02-01');
insert into social.need (id, post_id, participation_id, need_type, assessed_on, met_on) values
    ('00000000-0000-7000-8000-000000000093', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000091',
     'information_rights', '2026-02-04', '2026-02-20');
insert into social.intervention (id, post_id, situation_id, participation_id, unit_id, site_id, intervention_type, counts_as_interview,
    needs_home_visit_clearance, may_lack_participation, anonymous_contact, channel, outcome, occurred_at, duration_minutes, recorded_by, recorded_at) values
    ('00000000-0000-7000-8000-000000000094', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000081',
     '00000000-0000-7000-8000-000000000091', '00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000021',
     'office_interview', true, false, false, false, 'on_site', 'held',
     '2026-02-04 14:00+00', 50, '00000000-0000-7000-8000-000000000101', '2026-02-04 15:00+00'),
    ('00000000-0000-7000-8000-000000000095', '00000000-0000-7000-8000-000000000031', null, null, null, null,
     'phone_interview', true, false, false, true, 'phone', 'held',
     '2026-02-05 14:00+00', null, '00000000-0000-7000-8000-000000000101', '2026-02-05 15:00+00');

insert into confidential.person_key (id, post_id, person_id, sealing_key_id, wrapped_key, created_at) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000071', 'essai',
     decode(repeat('5a', 60), 'hex'), '2026-02-04 15:00+00');
insert into confidential.note (id, post_id, participation_id, person_key_id, author_id, amends_note_id, written_at, sealed) values
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000091',
     '00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000101', null, '2026-02-04 15:00+00', decode(repeat('c3', 285), 'hex')),
    ('00000000-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000091',
     '00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-0000000000a2',
     '2026-02-05 15:00+00', decode(repeat('3c', 600), 'hex'));
insert into confidential.note_share (id, post_id, note_id, shared_by, shared_with, shared_at, ended_at) values
    ('00000000-0000-7000-8000-0000000000a4', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-0000000000a2',
     '00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000102', '2026-02-06 08:00+00', null);
insert into confidential.safe_contact (participation_id, post_id, person_key_id, version, changed_by, changed_at, sealed) values
    ('00000000-0000-7000-8000-000000000091', '00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-0000000000a1', 3,
     '00000000-0000-7000-8000-000000000101', '2026-02-06 08:00+00', decode(repeat('99', 285), 'hex'));
insert into confidential.sealing_canary (sealing_key_id, wrapped_key, proved_at) values
    ('essai', decode(repeat('5a', 60), 'hex'), '2026-01-01 08:00+00');

insert into audit.head (perimeter_id, lane, seq, hash) values
    ('00000000-0000-7000-8000-000000000031', 'relais_social_worker', 1, sha256('maillon'));
insert into audit.trace (perimeter_id, lane, seq, at, account_id, session_id, act, subject_id, row_count, outcome, prev_hash, hash) values
    ('00000000-0000-7000-8000-000000000031', 'relais_social_worker', 1, '2026-02-04 15:00+00', '00000000-0000-7000-8000-000000000101',
     '00000000-0000-7000-8000-000000000051', 'note:add', '00000000-0000-7000-8000-0000000000a2', 1, 'done', '\x00', sha256('maillon'));
