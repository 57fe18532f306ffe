-- Cercles « organisation » et « accounts » : qui travaille où, et qui se connecte.

create table organisation.employer (
    id uuid primary key,
    name text not null,
    employer_type text not null references nomenclature.employer_type,
    departement_code text not null,
    constraint employer_has_a_name check (name <> ''),
    constraint employer_departement_is_official check (departement_code ~ '^(\d{2}|2[AB]|97[1-8]|98[678])$')
);
comment on table organisation.employer is 'Employeur de l''intervenant social : département, CCAS, EPCI ou association.';
comment on column organisation.employer.id is 'Identifiant (UUIDv7).';
comment on column organisation.employer.name is 'Nom officiel.';
comment on column organisation.employer.employer_type is 'Nature juridique (liste employer_type) ; l''article 40 ne vise que les agents publics.';
comment on column organisation.employer.departement_code is 'Code INSEE du département.';

create table organisation.unit (
    id uuid primary key,
    name text not null,
    zone text not null references nomenclature.zone,
    departement_code text not null,
    municipality text not null,
    closed_on date,
    constraint unit_has_a_name check (name <> ''),
    constraint unit_departement_is_official check (departement_code ~ '^(\d{2}|2[AB]|97[1-8]|98[678])$')
);
comment on table organisation.unit is 'Commissariat ou unité de gendarmerie qui envoie des saisines.';
comment on column organisation.unit.id is 'Identifiant (UUIDv7).';
comment on column organisation.unit.name is 'Nom d''usage du service ou de l''unité.';
comment on column organisation.unit.zone is 'Zone police ou gendarmerie (liste zone).';
comment on column organisation.unit.departement_code is 'Code INSEE du département.';
comment on column organisation.unit.municipality is 'Commune d''implantation.';
comment on column organisation.unit.closed_on is 'Jour de fermeture de l''unité ; vide tant qu''elle existe.';

create table organisation.site (
    id uuid primary key,
    name text not null,
    site_type text not null references nomenclature.site_type,
    municipality text not null,
    closed_on date,
    constraint site_has_a_name check (name <> '')
);
comment on table organisation.site is 'Lieu de réception : commissariat, brigade, mairie, permanence.';
comment on column organisation.site.id is 'Identifiant (UUIDv7).';
comment on column organisation.site.name is 'Nom d''usage du lieu.';
comment on column organisation.site.site_type is 'Nature du lieu (liste site_type).';
comment on column organisation.site.municipality is 'Commune du lieu.';
comment on column organisation.site.closed_on is 'Jour de fermeture du lieu ; vide tant qu''il sert.';

create table organisation.post (
    id uuid primary key,
    name text not null,
    employer_id uuid not null references organisation.employer,
    starts_on date not null,
    ends_on date,
    constraint post_has_a_name check (name <> ''),
    constraint post_ends_after_it_starts check (ends_on >= starts_on)
);
comment on table organisation.post is 'Poste d''intervenant social (trois ans, fiche de poste 7.1) ; mutualisé s''il dessert plusieurs unités.';
comment on column organisation.post.id is 'Identifiant (UUIDv7).';
comment on column organisation.post.name is 'Intitulé du poste.';
comment on column organisation.post.employer_id is 'Employeur, qui garde l''autorité hiérarchique.';
comment on column organisation.post.starts_on is 'Premier jour de la convention.';
comment on column organisation.post.ends_on is 'Dernier jour de la convention, s''il est connu.';

create table organisation.post_unit (
    post_id uuid not null references organisation.post,
    unit_id uuid not null references organisation.unit,
    starts_on date not null,
    ends_on date,
    primary key (post_id, unit_id, starts_on),
    constraint service_to_a_unit_ends_after_it_starts check (ends_on >= starts_on)
);
create index post_unit_by_unit on organisation.post_unit (unit_id);
comment on table organisation.post_unit is 'Unités desservies par un poste, avec leurs dates ; plusieurs unités : poste mutualisé.';
comment on column organisation.post_unit.post_id is 'Le poste.';
comment on column organisation.post_unit.unit_id is 'L''unité desservie.';
comment on column organisation.post_unit.starts_on is 'Premier jour de desserte.';
comment on column organisation.post_unit.ends_on is 'Dernier jour de desserte ; vide si elle continue.';

create table accounts.account (
    id uuid primary key,
    email text not null,
    name text not null,
    role text not null,
    employer_id uuid references organisation.employer,
    diploma text references nomenclature.diploma,
    secrecy_basis text references nomenclature.secrecy_basis,
    created_at timestamptz not null,
    ended_at timestamptz,
    constraint email_is_given_once unique (email),
    constraint email_is_lower_case check (email = lower(email) and email like '%_@_%'),
    constraint account_has_a_name check (name <> ''),
    constraint account_has_a_known_role check (role in ('social_worker', 'police_officer', 'unit_commander',
        'partner', 'coordinator', 'observatory', 'administrator', 'dpo')),
    constraint account_ends_after_it_begins check (ended_at >= created_at)
);
comment on table accounts.account is 'Compte d''une personne ; un compte, un rôle.';
comment on column accounts.account.id is 'Identifiant (UUIDv7).';
comment on column accounts.account.email is 'Adresse professionnelle, en minuscules ; sert à se connecter.';
comment on column accounts.account.name is 'Nom affiché aux collègues.';
comment on column accounts.account.role is 'Rôle : il fixe la voie PostgreSQL empruntée.';
comment on column accounts.account.employer_id is 'Employeur, pour l''intervenant social et le coordinateur.';
comment on column accounts.account.diploma is 'Diplôme d''État de l''intervenant social (liste diploma).';
comment on column accounts.account.secrecy_basis is 'Fondement du secret : par profession ou par mission (L411-3 CASF, 226-13 CP).';
comment on column accounts.account.created_at is 'Création du compte.';
comment on column accounts.account.ended_at is 'Fin du compte ; effective à la requête suivante.';

create table accounts.credential (
    account_id uuid primary key references accounts.account,
    password_hash text not null,
    changed_at timestamptz not null,
    constraint password_is_hashed_with_argon2id check (password_hash like '$argon2id$%')
);
comment on table accounts.credential is 'Empreinte du mot de passe ; lue par la seule voie d''authentification.';
comment on column accounts.credential.account_id is 'Le compte.';
comment on column accounts.credential.password_hash is 'Empreinte argon2id, jamais le mot de passe.';
comment on column accounts.credential.changed_at is 'Dernier changement.';

create table accounts.posting (
    id uuid primary key,
    account_id uuid not null references accounts.account,
    unit_id uuid references organisation.unit,
    post_id uuid references organisation.post,
    starts_on date not null,
    ends_on date,
    constraint posting_is_to_a_unit_or_to_a_post check (num_nonnulls(unit_id, post_id) = 1),
    constraint posting_ends_after_it_starts check (ends_on >= starts_on)
);
create index posting_by_account on accounts.posting (account_id);
create index posting_by_post on accounts.posting (post_id);
create index posting_by_unit on accounts.posting (unit_id);
comment on table accounts.posting is 'Affectation datée : un agent à une unité, un intervenant social à un poste.';
comment on column accounts.posting.id is 'Identifiant (UUIDv7).';
comment on column accounts.posting.account_id is 'Le compte affecté.';
comment on column accounts.posting.unit_id is 'Unité, pour la police et la gendarmerie.';
comment on column accounts.posting.post_id is 'Poste, pour l''intervenant social.';
comment on column accounts.posting.starts_on is 'Premier jour.';
comment on column accounts.posting.ends_on is 'Dernier jour ; l''accès cesse le lendemain, sans délai.';

create table accounts.session (
    id uuid primary key,
    account_id uuid not null references accounts.account,
    role text not null,
    client_id text not null,
    opened_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_because text,
    constraint session_expires_after_it_opens check (expires_at > opened_at),
    constraint session_revocation_has_a_reason check ((revoked_at is null) = (revoked_because is null)),
    constraint session_reason_is_known check (revoked_because in ('logout', 'refresh_reuse', 'administrator'))
);
create index session_by_account on accounts.session (account_id);
comment on table accounts.session is 'Session vivante : la seule identité que la base connaisse (access.open).';
comment on column accounts.session.id is 'Identifiant, repris dans le jeton (sid).';
comment on column accounts.session.account_id is 'Le compte.';
comment on column accounts.session.role is 'Rôle à l''ouverture ; la session tombe si le compte en change.';
comment on column accounts.session.client_id is 'Application cliente déclarée à la connexion.';
comment on column accounts.session.opened_at is 'Ouverture.';
comment on column accounts.session.expires_at is 'Fin absolue.';
comment on column accounts.session.revoked_at is 'Révocation, effective à la requête suivante.';
comment on column accounts.session.revoked_because is 'Motif : déconnexion, réemploi d''un jeton usé, administrateur.';

create table accounts.refresh_token (
    token_hash bytea primary key,
    session_id uuid not null references accounts.session,
    issued_at timestamptz not null,
    spent_at timestamptz,
    constraint refresh_token_is_kept_as_sha256 check (octet_length(token_hash) = 32),
    constraint refresh_token_is_spent_after_it_is_issued check (spent_at >= issued_at)
);
create index refresh_token_by_session on accounts.refresh_token (session_id);
comment on table accounts.refresh_token is 'Jetons de renouvellement, par leur empreinte ; à usage unique.';
comment on column accounts.refresh_token.token_hash is 'SHA-256 du jeton ; le jeton lui-même n''est gardé nulle part.';
comment on column accounts.refresh_token.session_id is 'La session (la « famille »).';
comment on column accounts.refresh_token.issued_at is 'Émission.';
comment on column accounts.refresh_token.spent_at is 'Emploi ; un second emploi tardif révoque la session.';
