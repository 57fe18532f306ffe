-- Ce qui se compte sans les personnes : les activités collectives d'un poste, et les jours qu'il a vraiment travaillés.

create table social.collective_activity (
    id uuid primary key,
    post_id uuid not null references organisation.post,
    site_id uuid references organisation.site,
    collective_activity_type text not null references nomenclature.collective_activity_type,
    held_on date not null,
    duration_minutes integer not null,
    participants integer not null,
    recorded_by uuid not null references accounts.account,
    recorded_at timestamptz not null,
    constraint collective_activity_lasts_less_than_a_day check (duration_minutes between 1 and 1440),
    constraint collective_activity_counts_its_participants check (participants between 0 and 10000)
);
create index collective_activity_newest_first on social.collective_activity (post_id, held_on desc, id desc);
comment on table social.collective_activity is 'Activité collective du poste : une ligne par séance. Aucun texte libre : il n''y a pas où écrire un nom.';
comment on column social.collective_activity.id is 'Identifiant (UUIDv7).';
comment on column social.collective_activity.post_id is 'Poste qui l''a tenue, ou qui y a pris part.';
comment on column social.collective_activity.site_id is 'Lieu, s''il est un lieu de réception connu.';
comment on column social.collective_activity.collective_activity_type is 'Nature (liste collective_activity_type).';
comment on column social.collective_activity.held_on is 'Jour de la séance ; date de comptage.';
comment on column social.collective_activity.duration_minutes is 'Durée, en minutes, une journée au plus.';
comment on column social.collective_activity.participants is 'Nombre de participants, l''intervenant social non compris.';
comment on column social.collective_activity.recorded_by is 'Qui l''a saisie.';
comment on column social.collective_activity.recorded_at is 'Saisie.';

comment on schema employer is 'Ce que l''intervenant social et son employeur tiennent ensemble, sans identité : le registre des réquisitions, les jours travaillés.';

create table employer.presence (
    post_id uuid not null,
    employer_id uuid not null,
    month_on date not null,
    days_worked numeric(3, 1) not null,
    recorded_by uuid not null references accounts.account,
    recorded_at timestamptz not null,
    -- Une ligne par poste et par mois. L'employeur y est aussi : sans lui, un autre employeur saurait, à l'erreur, qu'elle existe.
    primary key (post_id, employer_id, month_on),
    constraint presence_is_of_the_employer_of_the_post foreign key (post_id, employer_id)
        references organisation.post (id, employer_id),
    constraint presence_month_is_its_first_day check (extract(day from month_on) = 1),
    constraint presence_counts_half_days check (days_worked >= 0 and days_worked * 2 = trunc(days_worked * 2)),
    constraint presence_fits_in_its_month
        check (days_worked <= extract(day from month_on + interval '1 month' - interval '1 day'))
);
comment on table employer.presence is 'Jours vraiment travaillés par un poste en un mois, tenus par l''intervenant social et par son employeur. Rien des personnes reçues.';
comment on column employer.presence.post_id is 'Poste.';
comment on column employer.presence.employer_id is 'Employeur du poste.';
comment on column employer.presence.month_on is 'Premier jour du mois.';
comment on column employer.presence.days_worked is 'Jours travaillés, à la demi-journée près, tous titulaires du poste ensemble.';
comment on column employer.presence.recorded_by is 'Qui l''a saisi en dernier.';
comment on column employer.presence.recorded_at is 'Dernière saisie.';

-- Les droits et les règles de lignes : la différence entre deux « python -m app.access.render sql ».

alter table employer.presence enable row level security;
alter table employer.presence force row level security;
alter table social.collective_activity enable row level security;
alter table social.collective_activity force row level security;

-- relais_social_worker : l'intervenant social (ISCG)
grant select (id, post_id, site_id, collective_activity_type, held_on, duration_minutes, participants, recorded_by, recorded_at) on social.collective_activity to relais_social_worker;
create policy social_worker_may_read on social.collective_activity for select to relais_social_worker using (post_id = any ((select access.my_posts())::uuid[]));
grant insert (id, post_id, site_id, collective_activity_type, held_on, duration_minutes, participants, recorded_by, recorded_at) on social.collective_activity to relais_social_worker;
create policy social_worker_may_add on social.collective_activity for insert to relais_social_worker with check (post_id = any ((select access.my_posts())::uuid[]) and recorded_by = (select access.me()));
grant update (site_id, collective_activity_type, held_on, duration_minutes, participants) on social.collective_activity to relais_social_worker;
create policy social_worker_may_change on social.collective_activity for update to relais_social_worker using (post_id = any ((select access.my_posts())::uuid[])) with check (post_id = any ((select access.my_posts())::uuid[]));
grant select (post_id, employer_id, month_on, days_worked, recorded_by, recorded_at) on employer.presence to relais_social_worker;
create policy social_worker_may_read on employer.presence for select to relais_social_worker using (post_id = any ((select access.my_posts())::uuid[]));
grant insert (post_id, employer_id, month_on, days_worked, recorded_by, recorded_at) on employer.presence to relais_social_worker;
create policy social_worker_may_add on employer.presence for insert to relais_social_worker with check (post_id = any ((select access.my_posts())::uuid[]) and recorded_by = (select access.me()));
grant update (days_worked, recorded_by, recorded_at) on employer.presence to relais_social_worker;
create policy social_worker_may_change on employer.presence for update to relais_social_worker using (post_id = any ((select access.my_posts())::uuid[])) with check (post_id = any ((select access.my_posts())::uuid[]) and recorded_by = (select access.me()));

-- relais_coordinator : le coordinateur de l'employeur
grant select (post_id, employer_id, month_on, days_worked, recorded_by, recorded_at) on employer.presence to relais_coordinator;
create policy coordinator_may_read on employer.presence for select to relais_coordinator using (employer_id = any ((select access.my_employers())::uuid[]));
grant insert (post_id, employer_id, month_on, days_worked, recorded_by, recorded_at) on employer.presence to relais_coordinator;
create policy coordinator_may_add on employer.presence for insert to relais_coordinator with check (employer_id = any ((select access.my_employers())::uuid[]) and recorded_by = (select access.me()));
grant update (days_worked, recorded_by, recorded_at) on employer.presence to relais_coordinator;
create policy coordinator_may_change on employer.presence for update to relais_coordinator using (employer_id = any ((select access.my_employers())::uuid[])) with check (employer_id = any ((select access.my_employers())::uuid[]) and recorded_by = (select access.me()));
