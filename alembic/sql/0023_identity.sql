-- L'identité pour de bon : second facteur, invitations, connexion par l'institution, deux personnes pour ce qui ouvre un
-- accès ; passation et remplacement. Ce qui existait est tenu pour approuvé.

-- Deux personnes : qui propose n'approuve pas. Vaut pour tout ce qui ouvre un accès.

create function access.approval_is_by_another() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    -- L'exploitant agit hors de l'API, en superutilisateur : il n'a pas de session.
    if row(new.approved_by, new.approved_at) is not distinct from row(old.approved_by, old.approved_at)
       or (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user) then
        return new;
    end if;
    if old.approved_at is not null or new.approved_at is null
       or new.approved_by is distinct from access.me() or new.approved_by is not distinct from old.proposed_by then
        raise exception using errcode = '23514', constraint = tg_table_name || '_is_approved_by_another',
            message = 'approval is by another person, once';
    end if;
    return new;
end
$$;
comment on function access.approval_is_by_another() is 'Déclencheur : une approbation se donne une fois, de la main d''une autre personne que celle qui propose.';

-- Seul, on referme ; on ne rouvre pas. Ce qui est fini le reste : il faut proposer de nouveau, et qu'un autre approuve.

create function access.what_is_over_stays_over() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    ending text := to_jsonb(old) ->> tg_argv[0];
begin
    if ending is null or ending is not distinct from to_jsonb(new) ->> tg_argv[0]
       or (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user) then
        return new;
    end if;
    raise exception using errcode = '23514', constraint = tg_table_name || '_stays_over', message = 'what is over stays over';
end
$$;
comment on function access.what_is_over_stays_over() is 'Déclencheur : une fin (la colonne nommée) s''écrit une fois et ne s''efface pas.';

alter table accounts.account
    add column suspended_at timestamptz,
    add column proposed_by uuid references accounts.account,
    add column approved_by uuid references accounts.account,
    add column approved_at timestamptz default now(),
    add column client_keys jsonb,
    add constraint account_is_approved_by_another check (approved_by <> proposed_by),
    add constraint account_approval_has_an_instant check (approved_by is null or approved_at is not null),
    add constraint client_alone_has_keys check (client_keys is null or client_id is not null);
alter table accounts.account alter column approved_at drop default;
create index account_by_employer on accounts.account (employer_id);
create trigger account_approval before update on accounts.account
    for each row execute function access.approval_is_by_another();
create trigger account_stays_over before update on accounts.account
    for each row execute function access.what_is_over_stays_over('ended_at');

-- Qui change de métier prend un autre compte, à la même adresse, une fois le premier fini.
alter table accounts.account drop constraint email_is_given_once;
create unique index email_is_given_once on accounts.account (email) where ended_at is null;

create function accounts.employer_that_opens_stays() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if new.employer_id is not distinct from old.employer_id or old.role not in ('coordinator', 'observatory')
       or (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user) then
        return new;
    end if;
    raise exception using errcode = '23514', constraint = 'account_keeps_its_employer', message = 'this employer opens rows';
end
$$;
comment on function accounts.employer_that_opens_stays() is 'Déclencheur : l''employeur d''un coordinateur ou d''un comité ouvre des lignes ; en changer demande un autre compte, à deux.';
create trigger account_keeps_its_employer before update on accounts.account
    for each row execute function accounts.employer_that_opens_stays();
comment on column accounts.account.suspended_at is 'Suspension, effective à la requête suivante ; vide si le compte sert.';
comment on column accounts.account.proposed_by is 'Qui a demandé ce compte ; vide s''il vient de l''exploitant.';
comment on column accounts.account.approved_by is 'Qui l''a approuvé : une autre personne.';
comment on column accounts.account.approved_at is 'Approbation ; sans elle, le compte n''ouvre rien.';
comment on column accounts.account.client_keys is 'Clés publiques du logiciel (JWKS), s''il signe ses demandes au lieu d''envoyer un secret.';

alter table accounts.posting
    add column proposed_by uuid references accounts.account,
    add column approved_by uuid references accounts.account,
    add column approved_at timestamptz default now(),
    add column ended_at timestamptz,
    add constraint posting_is_approved_by_another check (approved_by <> proposed_by),
    add constraint posting_is_not_decided_by_its_holder check (proposed_by <> account_id and approved_by <> account_id),
    add constraint posting_approval_has_an_instant check (approved_by is null or approved_at is not null);
alter table accounts.posting alter column approved_at drop default;
create trigger posting_approval before update on accounts.posting
    for each row execute function access.approval_is_by_another();
create trigger posting_stays_over before update on accounts.posting
    for each row execute function access.what_is_over_stays_over('ended_at');

create function accounts.posting_is_never_prolonged() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if old.ends_on is null or new.ends_on <= old.ends_on
       or (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user) then
        return new;
    end if;
    raise exception using errcode = '23514', constraint = 'posting_is_never_prolonged', message = 'a posting is never prolonged';
end
$$;
comment on function accounts.posting_is_never_prolonged() is 'Déclencheur : le dernier jour d''une affectation ne recule pas ; la prolonger, c''est en proposer une autre.';
create trigger posting_is_never_prolonged before update on accounts.posting
    for each row execute function accounts.posting_is_never_prolonged();
comment on column accounts.posting.ended_at is 'Fin immédiate, s''il y en eut une : plus rien ne s''ouvre, même ce jour-là.';
comment on column accounts.posting.proposed_by is 'Qui l''a demandée ; vide si elle vient de l''exploitant.';
comment on column accounts.posting.approved_by is 'Qui l''a approuvée : une autre personne, jamais l''intéressé.';
comment on column accounts.posting.approved_at is 'Approbation ; sans elle, l''affectation n''ouvre rien.';

alter table accounts.session
    add column method text not null default 'password',
    add column authenticated_at timestamptz not null default '2000-01-01T00:00:00Z',
    add column idle_seconds integer not null default 7200,
    add column idle_until timestamptz not null default now() + interval '2 hours',
    add column shared_workstation boolean not null default false,
    drop constraint session_reason_is_known,
    add constraint session_reason_is_known check (revoked_because in (
        'logout', 'refresh_reuse', 'administrator', 'owner', 'password_changed', 'second_factor_changed')),
    add constraint session_method_is_known check (method in (
        'password', 'password_totp', 'password_recovery_code', 'institution', 'client_secret', 'client_key')),
    add constraint session_idles_for_a_while check (idle_seconds between 60 and 86400);
alter table accounts.session
    alter column method drop default,
    alter column authenticated_at drop default,
    alter column idle_seconds drop default,
    alter column idle_until drop default,
    alter column shared_workstation drop default;
comment on column accounts.session.method is 'Comment l''identité fut prouvée : mot de passe (démonstration), second facteur, institution, logiciel.';
comment on column accounts.session.authenticated_at is 'Dernière preuve forte ; les actes sensibles en demandent une récente.';
comment on column accounts.session.idle_seconds is 'Inactivité permise, en secondes.';
comment on column accounts.session.idle_until is 'Fin par inactivité ; reculée à chaque renouvellement.';
comment on column accounts.session.shared_workstation is 'Poste de travail partagé : durées plus courtes.';
comment on column accounts.session.revoked_because is 'Motif : déconnexion, réemploi d''un jeton usé, administrateur, titulaire, mot de passe ou second facteur changé.';

create table accounts.second_factor (
    id uuid primary key,
    account_id uuid not null references accounts.account,
    sealed bytea not null,
    last_step bigint not null,
    confirmed_at timestamptz not null,
    ended_at timestamptz,
    constraint second_factor_is_sealed check (octet_length(sealed) between 45 and 200),
    constraint second_factor_ends_after_it_begins check (ended_at >= confirmed_at)
);
create unique index account_has_one_second_factor on accounts.second_factor (account_id) where ended_at is null;
comment on table accounts.second_factor is 'Second facteur (TOTP, RFC 6238) ; lu par la seule voie d''authentification.';
comment on column accounts.second_factor.id is 'Identifiant (UUIDv7).';
comment on column accounts.second_factor.account_id is 'Le compte.';
comment on column accounts.second_factor.sealed is 'Secret partagé, scellé par la clé d''identité.';
comment on column accounts.second_factor.last_step is 'Dernier pas de temps accepté : un code ne sert qu''une fois.';
comment on column accounts.second_factor.confirmed_at is 'Confirmation par un premier code.';
comment on column accounts.second_factor.ended_at is 'Fin, quand un autre le remplace.';

create table accounts.recovery_code (
    code_hash bytea primary key,
    second_factor_id uuid not null references accounts.second_factor,
    used_at timestamptz,
    constraint recovery_code_is_kept_as_sha256 check (octet_length(code_hash) = 32)
);
create index recovery_code_by_second_factor on accounts.recovery_code (second_factor_id);
comment on table accounts.recovery_code is 'Codes de secours, par leur empreinte ; chacun sert une fois, et tombe avec son second facteur.';
comment on column accounts.recovery_code.code_hash is 'SHA-256 d''un code de 140 bits tirés au sort ; le code lui-même n''est gardé nulle part.';
comment on column accounts.recovery_code.second_factor_id is 'Le second facteur qu''il remplace.';
comment on column accounts.recovery_code.used_at is 'Emploi.';

create table accounts.invitation (
    id uuid primary key,
    account_id uuid not null references accounts.account,
    purpose text not null,
    token_hash bytea not null,
    sealed bytea,
    proposed_by uuid references accounts.account,
    proposed_at timestamptz not null,
    expires_at timestamptz not null,
    approved_by uuid references accounts.account,
    approved_at timestamptz,
    code_hash bytea,
    used_at timestamptz,
    revoked_at timestamptz,
    constraint invitation_token_is_made_once unique (token_hash),
    constraint invitation_token_is_kept_as_sha256 check (octet_length(token_hash) = 32 and octet_length(code_hash) = 32),
    constraint invitation_purpose_is_known check (purpose in ('welcome', 'password', 'second_factor', 'renewal')),
    constraint invitation_expires_after_it_is_made check (expires_at > proposed_at),
    constraint invitation_is_approved_by_another check (approved_by <> proposed_by),
    constraint invitation_approval_has_an_instant check (approved_by is null or approved_at is not null),
    constraint invitation_approval_gives_a_code check ((approved_at is null) = (code_hash is null)),
    constraint invitation_is_used_or_revoked check (num_nonnulls(used_at, revoked_at) <= 1),
    constraint invitation_is_not_decided_by_its_guest check (proposed_by <> account_id and approved_by <> account_id)
);
create index invitation_by_account on accounts.invitation (account_id);
comment on table accounts.invitation is 'Lien à usage unique : entrer la première fois, ou refaire un facteur perdu sans contourner l''autre.';
comment on column accounts.invitation.id is 'Identifiant (UUIDv7).';
comment on column accounts.invitation.account_id is 'Le compte invité.';
comment on column accounts.invitation.purpose is 'Entrée (welcome), mot de passe perdu, second facteur perdu, les deux perdus (renewal).';
comment on column accounts.invitation.token_hash is 'SHA-256 du lien ; le lien lui-même n''est gardé nulle part.';
comment on column accounts.invitation.sealed is 'Secret du futur second facteur, scellé, une fois le lien ouvert.';
comment on column accounts.invitation.proposed_by is 'Qui l''a faite ; vide si elle vient de l''exploitant.';
comment on column accounts.invitation.proposed_at is 'Quand.';
comment on column accounts.invitation.expires_at is 'Fin de validité.';
comment on column accounts.invitation.approved_by is 'Qui l''a approuvée : une autre personne, qui détient le code.';
comment on column accounts.invitation.approved_at is 'Approbation, nécessaire pour une entrée ou les deux facteurs perdus.';
comment on column accounts.invitation.code_hash is 'SHA-256 du code remis par l''autre personne : le lien seul n''ouvre rien.';
comment on column accounts.invitation.used_at is 'Emploi.';
comment on column accounts.invitation.revoked_at is 'Retrait.';

create function accounts.code_comes_with_approval() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if new.code_hash is distinct from old.code_hash and new.approved_at is not distinct from old.approved_at then
        raise exception using errcode = '23514', constraint = 'invitation_approval_gives_a_code',
            message = 'a code comes with an approval';
    end if;
    return new;
end
$$;
comment on function accounts.code_comes_with_approval() is 'Déclencheur : le code d''une invitation naît de son approbation et ne change plus.';
create trigger invitation_approval before update on accounts.invitation
    for each row execute function access.approval_is_by_another();
create trigger invitation_code before update on accounts.invitation
    for each row execute function accounts.code_comes_with_approval();
create trigger invitation_stays_over before update on accounts.invitation
    for each row execute function access.what_is_over_stays_over('revoked_at');
create trigger invitation_stays_used before update on accounts.invitation
    for each row execute function access.what_is_over_stays_over('used_at');

create table accounts.federated_identity (
    id uuid primary key,
    account_id uuid not null references accounts.account,
    issuer text not null,
    email text not null,
    siret text,
    subject text,
    bound_at timestamptz,
    proposed_by uuid references accounts.account,
    proposed_at timestamptz not null,
    approved_by uuid references accounts.account,
    approved_at timestamptz,
    ended_at timestamptz,
    constraint federated_subject_is_bound_once unique (issuer, subject),
    constraint federated_identity_is_bound_at_an_instant check ((subject is null) = (bound_at is null)),
    constraint federated_email_is_lower_case check (email = lower(email) and email like '%_@_%'),
    constraint federated_siret_has_fourteen_digits check (siret ~ '^\d{14}$'),
    constraint federated_identity_approval_has_an_instant check (approved_by is null or approved_at is not null),
    constraint federated_identity_is_approved_by_another check (approved_by <> proposed_by),
    constraint federated_identity_is_not_decided_by_its_holder check (proposed_by <> account_id and approved_by <> account_id)
);
create unique index account_has_one_identity_at_an_institution on accounts.federated_identity (account_id, issuer) where ended_at is null;
create unique index institution_awaits_one_account_per_email on accounts.federated_identity (issuer, email)
    where subject is null and ended_at is null;
create trigger federated_identity_approval before update on accounts.federated_identity
    for each row execute function access.approval_is_by_another();
create trigger federated_identity_stays_over before update on accounts.federated_identity
    for each row execute function access.what_is_over_stays_over('ended_at');
comment on table accounts.federated_identity is 'Qui se connecte par son institution (OpenID Connect) : attendu par son adresse, puis lié à (iss, sub) à la première connexion.';
comment on column accounts.federated_identity.id is 'Identifiant (UUIDv7).';
comment on column accounts.federated_identity.account_id is 'Le compte.';
comment on column accounts.federated_identity.issuer is 'Fournisseur d''identité (iss).';
comment on column accounts.federated_identity.email is 'Adresse attendue à la première connexion, en minuscules ; ne sert plus ensuite.';
comment on column accounts.federated_identity.siret is 'SIRET attendu de l''organisme, s''il est connu.';
comment on column accounts.federated_identity.subject is 'Identifiant de la personne chez le fournisseur (sub), une fois liée.';
comment on column accounts.federated_identity.bound_at is 'Première connexion.';
comment on column accounts.federated_identity.proposed_by is 'Qui l''a demandée ; vide si elle vient de l''exploitant.';
comment on column accounts.federated_identity.proposed_at is 'Quand.';
comment on column accounts.federated_identity.approved_by is 'Qui l''a approuvée : une autre personne.';
comment on column accounts.federated_identity.approved_at is 'Approbation ; sans elle, personne n''entre par là.';
comment on column accounts.federated_identity.ended_at is 'Fin.';

create table accounts.attempt (
    key bytea primary key,
    failures integer not null,
    last_at timestamptz not null,
    free_at timestamptz not null,
    constraint attempt_key_is_a_digest check (octet_length(key) = 32),
    constraint attempt_counts_failures check (failures >= 0)
);
create index attempt_by_age on accounts.attempt (last_at);
comment on table accounts.attempt is 'Essais de connexion, par compte visé et par provenance, sous des empreintes à clé : un délai qui grandit, jamais un verrou.';
comment on column accounts.attempt.key is 'Empreinte à clé de l''adresse visée, ou de la provenance.';
comment on column accounts.attempt.failures is 'Échecs de suite.';
comment on column accounts.attempt.last_at is 'Dernier essai.';
comment on column accounts.attempt.free_at is 'Pas d''essai avant cet instant.';

create table accounts.spent_ticket (
    digest bytea primary key,
    expires_at timestamptz not null,
    constraint spent_ticket_is_kept_as_a_digest check (octet_length(digest) = 32)
);
create index spent_ticket_by_age on accounts.spent_ticket (expires_at);
comment on table accounts.spent_ticket is 'Ce qui ne sert qu''une fois et vient de servir : étapes de connexion, assertions signées. Oublié une fois périmé.';
comment on column accounts.spent_ticket.digest is 'Empreinte.';
comment on column accounts.spent_ticket.expires_at is 'Ensuite, la date suffit à le refuser.';

-- Le poste, dans sa convention.

alter table organisation.post
    add column functional_authority text references nomenclature.functional_authority,
    add column functional_authority_name text,
    add constraint functional_authority_has_a_name check (functional_authority_name <> '');
comment on column organisation.post.functional_authority is 'Nature de l''autorité fonctionnelle (liste functional_authority).';
comment on column organisation.post.functional_authority_name is 'Son nom d''usage, si on le connaît.';

create table organisation.post_site (
    post_id uuid not null references organisation.post,
    site_id uuid not null references organisation.site,
    starts_on date not null,
    ends_on date,
    primary key (post_id, site_id, starts_on),
    constraint presence_at_a_site_ends_after_it_starts check (ends_on >= starts_on - 1)
);
create index post_site_by_site on organisation.post_site (site_id);
comment on table organisation.post_site is 'Lieux où un poste reçoit, avec leurs dates.';
comment on column organisation.post_site.post_id is 'Le poste.';
comment on column organisation.post_site.site_id is 'Le lieu.';
comment on column organisation.post_site.starts_on is 'Premier jour.';
comment on column organisation.post_site.ends_on is 'Dernier jour ; vide si cela continue ; la veille du premier pour ce qui fut repris aussitôt.';

create table organisation.post_funding (
    post_id uuid not null references organisation.post,
    funding_source text not null references nomenclature.funding_source,
    starts_on date not null,
    ends_on date,
    share_percent numeric(5, 2) not null,
    primary key (post_id, funding_source, starts_on),
    constraint funding_ends_after_it_starts check (ends_on >= starts_on - 1),
    constraint funding_is_a_share check (share_percent > 0 and share_percent <= 100)
);
comment on table organisation.post_funding is 'Qui finance un poste, et pour quelle part (domain 2.1).';
comment on column organisation.post_funding.post_id is 'Le poste.';
comment on column organisation.post_funding.funding_source is 'Financeur (liste funding_source).';
comment on column organisation.post_funding.starts_on is 'Premier jour.';
comment on column organisation.post_funding.ends_on is 'Dernier jour ; vide si cela continue ; la veille du premier pour ce qui fut repris aussitôt.';
comment on column organisation.post_funding.share_percent is 'Part, en pour cent.';

-- Remplacer un collègue absent : un motif, l'accord d'une autre personne, un temps borné, la lecture seule.

create table employer.replacement (
    id uuid primary key,
    employer_id uuid not null,
    post_id uuid not null,
    account_id uuid not null references accounts.account,
    replacement_reason text not null references nomenclature.replacement_reason,
    starts_on date not null,
    ends_on date not null,
    proposed_by uuid not null references accounts.account,
    proposed_at timestamptz not null,
    approved_by uuid references accounts.account,
    approved_at timestamptz,
    ended_at timestamptz,
    constraint replacement_belongs_to_its_post unique (post_id, id),
    constraint replacement_is_of_a_post_of_the_employer foreign key (post_id, employer_id) references organisation.post (id, employer_id),
    constraint replacement_is_bounded check (ends_on between starts_on and starts_on + 31),
    constraint replacement_is_approved_by_another check (approved_by <> proposed_by and approved_by <> account_id),
    constraint replacement_approval_has_an_instant check ((approved_by is null) = (approved_at is null))
);
create index replacement_by_replacement on employer.replacement (account_id);
create index replacement_newest_first on employer.replacement (post_id, proposed_at desc, id desc);
create index replacement_of_employer on employer.replacement (employer_id, proposed_at desc, id desc);
create trigger replacement_approval before update on employer.replacement
    for each row execute function access.approval_is_by_another();
comment on table employer.replacement is 'Remplacement d''un collègue absent : lecture seule, bornée, approuvée par une autre personne, visible du titulaire et du délégué.';
comment on column employer.replacement.id is 'Identifiant (UUIDv7).';
comment on column employer.replacement.employer_id is 'Employeur du poste.';
comment on column employer.replacement.post_id is 'Poste remplacé.';
comment on column employer.replacement.account_id is 'Qui remplace.';
comment on column employer.replacement.replacement_reason is 'Motif (liste replacement_reason).';
comment on column employer.replacement.starts_on is 'Premier jour.';
comment on column employer.replacement.ends_on is 'Dernier jour ; trente-et-un jours au plus, renouvelables par une nouvelle demande.';
comment on column employer.replacement.proposed_by is 'Qui le demande.';
comment on column employer.replacement.proposed_at is 'Demande.';
comment on column employer.replacement.approved_by is 'Qui l''approuve : une autre personne, jamais le remplaçant.';
comment on column employer.replacement.approved_at is 'Approbation ; sans elle, rien ne s''ouvre.';
comment on column employer.replacement.ended_at is 'Fin avant terme.';

-- Passer le relais : l'employeur voit qu'un poste change de mains ; seul le social voit de qui il s'agit.

create table employer.handover (
    id uuid primary key,
    employer_id uuid not null,
    post_id uuid not null,
    from_account_id uuid not null references accounts.account,
    to_account_id uuid not null references accounts.account,
    handover_motive text not null references nomenclature.handover_motive,
    starts_on date not null,
    ends_on date,
    situations integer not null,
    proposed_by uuid not null references accounts.account,
    proposed_at timestamptz not null,
    approved_by uuid references accounts.account,
    approved_at timestamptz,
    cancelled_at timestamptz,
    constraint handover_belongs_to_its_post unique (post_id, id),
    constraint handover_is_of_a_post_of_the_employer foreign key (post_id, employer_id) references organisation.post (id, employer_id),
    constraint handover_goes_to_someone_else check (from_account_id <> to_account_id),
    constraint handover_is_proposed_by_who_leaves check (proposed_by = from_account_id),
    constraint handover_is_approved_by_another check (approved_by <> from_account_id and approved_by <> to_account_id),
    constraint handover_approval_has_an_instant check ((approved_by is null) = (approved_at is null)),
    constraint handover_ends_after_it_starts check (ends_on >= starts_on),
    constraint handover_counts_situations check (situations >= 0)
);
create index handover_by_successor on employer.handover (to_account_id);
create index handover_newest_first on employer.handover (post_id, proposed_at desc, id desc);
create index handover_of_employer on employer.handover (employer_id, proposed_at desc, id desc);
create trigger handover_approval before update on employer.handover
    for each row execute function access.approval_is_by_another();
comment on table employer.handover is 'Passation d''un poste (domain 2.5) : qui part, qui arrive, pourquoi, depuis quand, qui l''a approuvée. Sans identité.';
comment on column employer.handover.id is 'Identifiant (UUIDv7).';
comment on column employer.handover.employer_id is 'Employeur du poste.';
comment on column employer.handover.post_id is 'Poste qui change de mains.';
comment on column employer.handover.from_account_id is 'Qui part, et propose.';
comment on column employer.handover.to_account_id is 'Qui arrive.';
comment on column employer.handover.handover_motive is 'Motif (liste handover_motive).';
comment on column employer.handover.starts_on is 'Premier jour.';
comment on column employer.handover.ends_on is 'Dernier jour, pour une passation à durée limitée.';
comment on column employer.handover.situations is 'Nombre de situations transmises.';
comment on column employer.handover.proposed_by is 'Qui la propose : qui part.';
comment on column employer.handover.proposed_at is 'Proposition.';
comment on column employer.handover.approved_by is 'Qui l''approuve : ni l''un ni l''autre.';
comment on column employer.handover.approved_at is 'Approbation ; sans elle, aucune note ne passe.';
comment on column employer.handover.cancelled_at is 'Abandon.';

create table social.handover_item (
    handover_id uuid not null,
    post_id uuid not null,
    participation_id uuid not null,
    notes_go_along boolean not null,
    primary key (post_id, handover_id, participation_id),
    constraint handover_item_is_of_a_handover_of_the_post foreign key (post_id, handover_id) references employer.handover (post_id, id),
    constraint handover_item_is_of_a_participation_of_the_post foreign key (post_id, participation_id)
        references social.participation (post_id, id)
);
create index handover_item_by_participation on social.handover_item (post_id, participation_id);
comment on table social.handover_item is 'Ce qui passe, participation par participation : deux parties d''une affaire restent séparées.';
comment on column social.handover_item.handover_id is 'La passation.';
comment on column social.handover_item.post_id is 'Le poste.';
comment on column social.handover_item.participation_id is 'La participation.';
comment on column social.handover_item.notes_go_along is 'L''auteur a choisi que ses notes suivent ; sinon, un résumé écrit.';

create table confidential.handover_summary (
    handover_id uuid not null,
    post_id uuid not null,
    participation_id uuid not null,
    person_key_id uuid not null,
    author_id uuid not null references accounts.account,
    written_at timestamptz not null,
    sealed bytea not null,
    primary key (post_id, handover_id, participation_id),
    constraint summary_is_of_an_item_of_the_handover foreign key (post_id, handover_id, participation_id)
        references social.handover_item (post_id, handover_id, participation_id),
    constraint summary_is_sealed_with_a_key_of_the_post foreign key (post_id, person_key_id) references confidential.person_key (post_id, id),
    constraint summary_is_sealed check (octet_length(sealed) between 285 and 131101)
);
comment on table confidential.handover_summary is 'Résumé de passation, scellé : pour qui arrive, quand les notes ne suivent pas.';
comment on column confidential.handover_summary.handover_id is 'La passation.';
comment on column confidential.handover_summary.post_id is 'Le poste.';
comment on column confidential.handover_summary.participation_id is 'La participation.';
comment on column confidential.handover_summary.person_key_id is 'Clé de la personne.';
comment on column confidential.handover_summary.author_id is 'Qui part.';
comment on column confidential.handover_summary.written_at is 'Écriture.';
comment on column confidential.handover_summary.sealed is 'Texte scellé (AES-256-GCM).';

alter table confidential.note_share
    add column handover_id uuid,
    add constraint note_goes_along_with_a_handover_of_the_post foreign key (post_id, handover_id) references employer.handover (post_id, id);
-- Ouverte à la main, et par une passation : deux partages, chacun a sa fin.
drop index confidential.note_is_shared_once_with_a_colleague;
create unique index note_is_shared_once_with_a_colleague on confidential.note_share
    (post_id, note_id, shared_with, coalesce(handover_id, '00000000-0000-0000-0000-000000000000')) where ended_at is null;
create index note_share_by_handover on confidential.note_share (handover_id) where handover_id is not null;
comment on column confidential.note_share.handover_id is 'Passation qui porte ce partage : il ne vaut qu''une fois celle-ci approuvée et commencée.';

-- L'accord de l'employeur à une visite à domicile : son propre acte, sans savoir chez qui (fiche de poste 6.1).

create table employer.home_visit_agreement (
    id uuid primary key,
    employer_id uuid not null,
    post_id uuid not null,
    visit_on date not null,
    municipality text not null,
    proposed_by uuid not null references accounts.account,
    proposed_at timestamptz not null,
    approved_by uuid references accounts.account,
    approved_at timestamptz,
    refused_at timestamptz,
    constraint home_visit_agreement_belongs_to_its_post unique (post_id, id),
    constraint home_visit_agreement_is_of_a_post_of_the_employer foreign key (post_id, employer_id)
        references organisation.post (id, employer_id),
    constraint home_visit_agreement_names_a_municipality check (municipality <> ''),
    constraint home_visit_agreement_is_approved_by_another check (approved_by <> proposed_by),
    constraint home_visit_is_agreed_or_refused check (num_nonnulls(approved_at, refused_at) <= 1),
    constraint home_visit_agreement_has_an_instant check ((approved_by is null) = (approved_at is null))
);
create index home_visit_agreement_newest_first on employer.home_visit_agreement (post_id, proposed_at desc, id desc);
create index home_visit_agreement_of_employer on employer.home_visit_agreement (employer_id, proposed_at desc, id desc);
create trigger home_visit_agreement_approval before update on employer.home_visit_agreement
    for each row execute function access.approval_is_by_another();
comment on table employer.home_visit_agreement is 'Accord de l''employeur à une visite à domicile : un jour, une commune, aucune personne.';
comment on column employer.home_visit_agreement.id is 'Identifiant (UUIDv7).';
comment on column employer.home_visit_agreement.employer_id is 'Employeur du poste.';
comment on column employer.home_visit_agreement.post_id is 'Le poste.';
comment on column employer.home_visit_agreement.visit_on is 'Jour prévu.';
comment on column employer.home_visit_agreement.municipality is 'Commune.';
comment on column employer.home_visit_agreement.proposed_by is 'Qui le demande.';
comment on column employer.home_visit_agreement.proposed_at is 'Demande.';
comment on column employer.home_visit_agreement.approved_by is 'Qui l''accorde, pour l''employeur.';
comment on column employer.home_visit_agreement.approved_at is 'Accord.';
comment on column employer.home_visit_agreement.refused_at is 'Refus.';

alter table social.intervention
    add column home_visit_agreement_id uuid,
    add constraint home_visit_rests_on_an_agreement_of_the_post foreign key (post_id, home_visit_agreement_id)
        references employer.home_visit_agreement (post_id, id);
comment on column social.intervention.home_visit_agreement_id is 'Accord de l''employeur sur lequel repose la visite, s''il fut donné ici.';
