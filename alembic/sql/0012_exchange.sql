-- Ce qui sort, et pour qui. Cercle « exchange » : une ligne y est lue du poste qui l'envoie et du seul partenaire
-- à qui elle s'adresse. Cercle « employer » : le registre des réquisitions, sans identité.

alter table accounts.account
    alter column email drop not null,
    add column client_id text,
    add column client_scopes text[],
    add constraint client_is_registered_once unique (client_id),
    add constraint account_is_of_a_person_or_of_a_client
        check (num_nonnulls(email, client_id) = 1 and (client_id is null) = (client_scopes is null)),
    add constraint client_is_the_system_of_a_partner check (client_id is null or role = 'partner'),
    add constraint client_has_scopes check (cardinality(client_scopes) between 1 and 10);
comment on table accounts.account is 'Compte d''une personne, ou du logiciel d''un partenaire ; un compte, un rôle.';
comment on column accounts.account.email is 'Adresse professionnelle, en minuscules ; sert à se connecter. Vide pour un logiciel.';
comment on column accounts.account.client_id is 'Identifiant public du logiciel d''un partenaire (OAuth) ; vide pour une personne.';
comment on column accounts.account.client_scopes is 'Portées du logiciel, fixées à son enregistrement.';

alter table accounts.posting
    add column partner_id uuid references directory.partner,
    drop constraint posting_is_to_a_unit_or_to_a_post,
    add constraint posting_is_to_one_place check (num_nonnulls(unit_id, post_id, partner_id) = 1);
create index posting_by_partner on accounts.posting (partner_id);
comment on table accounts.posting is 'Affectation datée : un agent à une unité, un intervenant social à un poste, un partenaire à son organisme.';
comment on column accounts.posting.partner_id is 'Organisme, pour un partenaire.';

create schema exchange;
comment on schema exchange is 'Ce qui est adressé à un partenaire, ou vient de lui : lu du poste et de ce seul partenaire. La police n''y entre pas.';

create table exchange.orientation (
    id uuid primary key,
    post_id uuid not null references organisation.post,
    partner_id uuid not null references directory.partner,
    service_id uuid,
    reference text not null,
    legal_basis text not null references nomenclature.sharing_legal_basis,
    fields text[] not null,
    person_informed text not null references nomenclature.person_informed,
    sent_at timestamptz not null,
    sent_by uuid not null references accounts.account,
    acknowledged_at timestamptz,
    taken_up_at timestamptz,
    refused_at timestamptz,
    refusal_reason text references nomenclature.refusal_reason,
    outcome_code text references nomenclature.orientation_outcome,
    outcome_on date,
    answered_by uuid references accounts.account,
    closed_at timestamptz,
    constraint sent_orientation_belongs_to_its_post unique (post_id, id),
    constraint sent_orientation_belongs_to_its_partner unique (post_id, partner_id, id),
    constraint sent_orientation_reference_is_given_once unique (post_id, reference),
    constraint sent_orientation_is_for_a_service_of_the_partner foreign key (partner_id, service_id)
        references directory.service (partner_id, id),
    constraint sent_orientation_names_its_fields check (cardinality(fields) between 0 and 40),
    constraint sent_orientation_is_answered_in_order check (
        acknowledged_at >= sent_at and taken_up_at >= sent_at and refused_at >= sent_at),
    constraint sent_orientation_is_taken_up_or_refused check (num_nonnulls(taken_up_at, refused_at) <= 1),
    constraint sent_orientation_answer_is_acknowledged
        check (acknowledged_at is not null or num_nonnulls(taken_up_at, refused_at) = 0),
    constraint sent_orientation_refusal_has_a_reason check ((refused_at is null) = (refusal_reason is null)),
    constraint sent_orientation_outcome_follows_taking_up check (outcome_code is null or taken_up_at is not null),
    constraint sent_orientation_outcome_has_a_day check ((outcome_code is null) = (outcome_on is null))
);
create index sent_orientation_of_partner on exchange.orientation (partner_id, sent_at desc, id desc);
create index sent_orientation_of_post on exchange.orientation (post_id, sent_at desc, id desc);
comment on table exchange.orientation is 'Orientation transmise : son fondement, ce qu''elle porte, ce que le partenaire a répondu. Aucun nom.';
comment on column exchange.orientation.id is 'Identifiant, celui de l''orientation du poste.';
comment on column exchange.orientation.post_id is 'Poste qui transmet.';
comment on column exchange.orientation.partner_id is 'Partenaire destinataire, seul lecteur avec le poste.';
comment on column exchange.orientation.service_id is 'Service visé, s''il est désigné.';
comment on column exchange.orientation.reference is 'Référence à dire au téléphone ; ne désigne personne.';
comment on column exchange.orientation.legal_basis is 'Fondement légal (liste sharing_legal_basis) : sans lui, rien ne sort.';
comment on column exchange.orientation.fields is 'Éléments transmis (codes de transmissible_field).';
comment on column exchange.orientation.person_informed is 'La personne a-t-elle été informée, sinon pourquoi.';
comment on column exchange.orientation.sent_at is 'Transmission.';
comment on column exchange.orientation.sent_by is 'Intervenant social qui a transmis.';
comment on column exchange.orientation.acknowledged_at is 'Réception confirmée.';
comment on column exchange.orientation.taken_up_at is 'Prise en charge.';
comment on column exchange.orientation.refused_at is 'Refus.';
comment on column exchange.orientation.refusal_reason is 'Motif du refus (liste refusal_reason).';
comment on column exchange.orientation.outcome_code is 'Issue (liste orientation_outcome).';
comment on column exchange.orientation.outcome_on is 'Jour de cette issue.';
comment on column exchange.orientation.answered_by is 'Compte qui a répondu ; vide si la réponse est venue par un lien.';
comment on column exchange.orientation.closed_at is 'Le poste a clos l''échange : plus de réponse, plus de lecture du contenu.';

create table exchange.orientation_content (
    orientation_id uuid not null,
    post_id uuid not null,
    partner_id uuid not null,
    sealing_key_id text not null,
    wrapped_key bytea not null,
    sealed bytea not null,
    closed_at timestamptz,
    -- Le périmètre d'abord : une clé ne doit pas dire à un autre poste ce qui existe.
    primary key (post_id, orientation_id),
    constraint content_is_of_a_sent_orientation foreign key (post_id, partner_id, orientation_id)
        references exchange.orientation (post_id, partner_id, id),
    constraint content_key_is_wrapped check (octet_length(wrapped_key) = 60),
    constraint content_is_sealed check (octet_length(sealed) between 285 and 131101)
);
create index orientation_content_of_partner on exchange.orientation_content (partner_id);
comment on table exchange.orientation_content is 'Les éléments transmis, tels qu''ils le furent, scellés ; lus du seul partenaire destinataire et du poste.';
comment on column exchange.orientation_content.orientation_id is 'L''orientation transmise.';
comment on column exchange.orientation_content.post_id is 'Poste qui transmet.';
comment on column exchange.orientation_content.partner_id is 'Partenaire destinataire.';
comment on column exchange.orientation_content.sealing_key_id is 'Clé de scellement employée.';
comment on column exchange.orientation_content.wrapped_key is 'Clé de ce contenu, scellée.';
comment on column exchange.orientation_content.sealed is 'Contenu scellé (AES-256-GCM).';
comment on column exchange.orientation_content.closed_at is 'Fin de la lecture par le partenaire.';

-- Un échange refusé ou clos ne se lit plus : le partenaire n'a plus à en connaître.
create function exchange.close_content() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update exchange.orientation_content c set closed_at = coalesce(new.closed_at, new.refused_at)
     where c.post_id = new.post_id and c.orientation_id = new.id and c.closed_at is null;
    return null;
end
$$;
comment on function exchange.close_content() is 'Ferme la lecture du contenu d''une orientation refusée ou close.';
create trigger content_closes_with_its_exchange after update of refused_at, closed_at on exchange.orientation
    for each row when (new.refused_at is not null or new.closed_at is not null)
    execute function exchange.close_content();

create table exchange.answer_link (
    id uuid primary key,
    post_id uuid not null,
    orientation_id uuid not null,
    token_hash bytea not null,
    created_by uuid not null references accounts.account,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz,
    constraint answer_link_is_for_a_sent_orientation foreign key (post_id, orientation_id)
        references exchange.orientation (post_id, id),
    constraint answer_link_token_is_kept_as_sha256 check (octet_length(token_hash) = 32),
    constraint answer_link_token_is_unique unique (token_hash),
    constraint answer_link_lasts_at_most_60_days
        check (expires_at > created_at and expires_at <= created_at + interval '60 days')
);
create index answer_link_of_orientation on exchange.answer_link (post_id, orientation_id);
comment on table exchange.answer_link is 'Lien à usage unique, daté et révocable, par lequel un partenaire sans compte répond à une référence.';
comment on column exchange.answer_link.id is 'Identifiant (UUIDv7).';
comment on column exchange.answer_link.post_id is 'Poste qui l''a fait.';
comment on column exchange.answer_link.orientation_id is 'L''orientation à laquelle il répond.';
comment on column exchange.answer_link.token_hash is 'SHA-256 du jeton ; le jeton lui-même n''est gardé nulle part.';
comment on column exchange.answer_link.created_by is 'Qui l''a fait.';
comment on column exchange.answer_link.created_at is 'Création.';
comment on column exchange.answer_link.expires_at is 'Fin de validité, 60 jours au plus.';
comment on column exchange.answer_link.used_at is 'Réponse donnée : le lien ne sert plus.';
comment on column exchange.answer_link.revoked_at is 'Révocation par le poste.';

create table exchange.referral (
    id uuid primary key,
    partner_id uuid not null references directory.partner,
    post_id uuid not null references organisation.post,
    sent_by uuid not null references accounts.account,
    sent_at timestamptz not null,
    last_name text not null,
    first_name text,
    birth_date date,
    birth_date_precision text references nomenclature.birth_date_precision,
    sex text references nomenclature.sex,
    phone text,
    municipality text,
    person_status text not null references nomenclature.person_status,
    safe_contact_hint text,
    facts text,
    urgency text not null references nomenclature.urgency,
    contact_consent text not null references nomenclature.contact_consent,
    withdrawn_at timestamptz,
    feedback_code text references nomenclature.feedback_status,
    feedback_on date,
    constraint partner_referral_belongs_to_its_post unique (post_id, id),
    constraint partner_referral_names_a_person check (last_name <> ''),
    constraint partner_referral_facts_are_short check (length(facts) <= 1000),
    constraint partner_referral_birth_date_has_a_precision check ((birth_date is null) = (birth_date_precision is null)),
    constraint partner_referral_is_withdrawn_after_it_is_sent check (withdrawn_at >= sent_at),
    constraint partner_referral_feedback_has_a_day check ((feedback_code is null) = (feedback_on is null))
);
create index partner_referral_of_partner on exchange.referral (partner_id, sent_at desc, id desc);
create index partner_referral_of_post on exchange.referral (post_id, sent_at desc, id desc);
comment on table exchange.referral is 'Personne adressée par un partenaire à un poste. Aucune unité n''en sait rien.';
comment on column exchange.referral.id is 'Identifiant (UUIDv7).';
comment on column exchange.referral.partner_id is 'Partenaire qui adresse.';
comment on column exchange.referral.post_id is 'Poste à qui il adresse.';
comment on column exchange.referral.sent_by is 'Compte qui a envoyé.';
comment on column exchange.referral.sent_at is 'Envoi.';
comment on column exchange.referral.last_name is 'Nom, tel que le partenaire l''a écrit.';
comment on column exchange.referral.first_name is 'Prénom, tel que le partenaire l''a écrit.';
comment on column exchange.referral.birth_date is 'Date de naissance, au besoin partielle.';
comment on column exchange.referral.birth_date_precision is 'Précision de la date (jour, mois, année, estimée).';
comment on column exchange.referral.sex is 'Sexe (liste sex).';
comment on column exchange.referral.phone is 'Téléphone, au format E.164.';
comment on column exchange.referral.municipality is 'Commune de résidence.';
comment on column exchange.referral.person_status is 'Statut vu par le partenaire (victime, mis en cause…).';
comment on column exchange.referral.safe_contact_hint is 'Comment joindre la personne sans danger.';
comment on column exchange.referral.facts is 'Faits en quelques lignes (1 000 caractères).';
comment on column exchange.referral.urgency is 'Urgence demandée.';
comment on column exchange.referral.contact_consent is 'Accord de la personne pour être contactée.';
comment on column exchange.referral.withdrawn_at is 'Retrait par le partenaire.';
comment on column exchange.referral.feedback_code is 'Retour publié au partenaire : un code d''une liste close, jamais un texte.';
comment on column exchange.referral.feedback_on is 'Jour du retour.';

alter table organisation.post add constraint post_belongs_to_its_employer unique (id, employer_id);

create schema employer;
comment on schema employer is 'Ce que l''intervenant social et son employeur tiennent ensemble, sans identité : le registre des réquisitions.';

create table employer.requisition (
    id uuid primary key,
    post_id uuid not null references organisation.post,
    employer_id uuid not null references organisation.employer,
    received_on date not null,
    requested_by text not null,
    requisition_basis text not null references nomenclature.requisition_basis,
    requisition_number text,
    requested_scope text not null,
    decision text references nomenclature.requisition_decision,
    decided_on date,
    decision_grounds text,
    decided_fields text[],
    handed_over_fields text[],
    handed_over_at timestamptz,
    handed_over_sha256 text,
    recorded_by uuid not null references accounts.account,
    recorded_at timestamptz not null,
    constraint requisition_belongs_to_its_post unique (post_id, id),
    constraint requisition_is_of_the_employer_of_the_post foreign key (post_id, employer_id)
        references organisation.post (id, employer_id),
    constraint requisition_says_who_asks_and_what check (requested_by <> '' and requested_scope <> ''),
    constraint requisition_is_decided_on_a_day check ((decision is null) = (decided_on is null)),
    constraint requisition_is_decided_after_it_is_received check (decided_on >= received_on),
    constraint requisition_hands_over_what_was_decided check (handed_over_fields <@ decided_fields),
    constraint requisition_is_handed_over_once_decided check (handed_over_at is null or decision is not null),
    constraint requisition_handing_over_is_told_whole
        check (num_nonnulls(handed_over_at, handed_over_fields, handed_over_sha256) in (0, 3)),
    constraint requisition_archive_has_a_sha256 check (handed_over_sha256 ~ '^[0-9a-f]{64}$')
);
create index requisition_of_post on employer.requisition (post_id, recorded_at desc, id desc);
create index requisition_of_employer on employer.requisition (employer_id, recorded_at desc, id desc);
comment on table employer.requisition is 'Registre des réquisitions judiciaires : qui demande, sur quel texte, quoi, ce qui fut décidé et remis. Jamais un accès, aucune identité.';
comment on column employer.requisition.id is 'Identifiant (UUIDv7).';
comment on column employer.requisition.post_id is 'Poste qui la reçoit.';
comment on column employer.requisition.employer_id is 'Employeur du poste.';
comment on column employer.requisition.received_on is 'Jour de réception.';
comment on column employer.requisition.requested_by is 'Autorité qui requiert.';
comment on column employer.requisition.requisition_basis is 'Texte invoqué (liste requisition_basis).';
comment on column employer.requisition.requisition_number is 'Numéro de procédure ou de pièce.';
comment on column employer.requisition.requested_scope is 'Ce qui est demandé, sans nommer la personne.';
comment on column employer.requisition.decision is 'Suite donnée (liste requisition_decision).';
comment on column employer.requisition.decided_on is 'Jour de la décision.';
comment on column employer.requisition.decision_grounds is 'Motif, notamment d''un refus.';
comment on column employer.requisition.decided_fields is 'Étendue décidée : éléments à remettre, et eux seuls (codes de transmissible_field).';
comment on column employer.requisition.handed_over_fields is 'Éléments remis (codes de transmissible_field).';
comment on column employer.requisition.handed_over_at is 'Instant de la remise.';
comment on column employer.requisition.handed_over_sha256 is 'Empreinte de l''archive remise.';
comment on column employer.requisition.recorded_by is 'Qui l''a inscrite.';
comment on column employer.requisition.recorded_at is 'Inscription.';

create table social.orientation (
    id uuid primary key,
    post_id uuid not null,
    participation_id uuid not null,
    need_type text references nomenclature.need_type,
    partner_category text not null references nomenclature.partner_category,
    partner_id uuid references directory.partner,
    service_id uuid,
    status text not null references nomenclature.orientation_status,
    proposed_on date not null,
    proposed_by uuid not null references accounts.account,
    recorded_at timestamptz not null,
    agreed_on date,
    agreed_fields text[] not null,
    declined_on date,
    self_referred_on date,
    closed_on date,
    constraint orientation_belongs_to_its_post unique (post_id, id),
    constraint orientation_belongs_to_its_participation unique (post_id, participation_id, id),
    constraint orientation_is_of_a_participation_of_the_post foreign key (post_id, participation_id)
        references social.participation (post_id, id),
    constraint orientation_is_to_a_service_of_the_partner foreign key (partner_id, service_id)
        references directory.service (partner_id, id),
    constraint orientation_to_a_service_names_the_partner check (service_id is null or partner_id is not null),
    constraint orientation_keeps_to_its_own_states check (
        status in ('proposed', 'declined_by_person', 'agreed', 'transmitted', 'self_referred_by_person', 'no_feedback')),
    constraint orientation_agreement_has_a_day check (status not in ('proposed', 'declined_by_person') or agreed_on is null),
    constraint orientation_refusal_has_a_day check ((status = 'declined_by_person') = (declined_on is not null)),
    constraint orientation_own_steps_have_a_day check ((status = 'self_referred_by_person') = (self_referred_on is not null)),
    constraint orientation_without_feedback_is_closed check ((status = 'no_feedback') = (closed_on is not null)),
    constraint orientation_agrees_on_few_fields check (cardinality(agreed_fields) <= 40)
);
create index orientation_newest_first on social.orientation (post_id, proposed_on desc, id desc);
create index orientation_by_participation on social.orientation (post_id, participation_id);
comment on table social.orientation is 'Orientation d''une personne vers un partenaire ou une catégorie de partenaires ; ce que le partenaire répond est dans exchange.orientation.';
comment on column social.orientation.id is 'Identifiant (UUIDv7).';
comment on column social.orientation.post_id is 'Poste en charge.';
comment on column social.orientation.participation_id is 'La participation.';
comment on column social.orientation.need_type is 'Besoin visé (liste need_type).';
comment on column social.orientation.partner_category is 'Catégorie de partenaire (liste partner_category).';
comment on column social.orientation.partner_id is 'Partenaire, s''il est désigné.';
comment on column social.orientation.service_id is 'Service du partenaire, s''il est désigné.';
comment on column social.orientation.status is 'État, côté poste : proposée, déclinée, acceptée, transmise, démarche de la personne, sans retour.';
comment on column social.orientation.proposed_on is 'Jour de la proposition ; date de comptage.';
comment on column social.orientation.proposed_by is 'Intervenant social qui l''a proposée.';
comment on column social.orientation.recorded_at is 'Saisie.';
comment on column social.orientation.agreed_on is 'Jour de l''accord de la personne.';
comment on column social.orientation.agreed_fields is 'Éléments que la personne accepte de voir transmis (codes de transmissible_field).';
comment on column social.orientation.declined_on is 'Jour du refus de la personne.';
comment on column social.orientation.self_referred_on is 'Jour où la personne dit s''en charger elle-même.';
comment on column social.orientation.closed_on is 'Jour où le poste constate l''absence de retour.';

create table social.transmission (
    id uuid primary key,
    post_id uuid not null,
    participation_id uuid not null,
    transmission_kind text not null references nomenclature.transmission_kind,
    orientation_id uuid,
    requisition_id uuid,
    legal_basis text not null references nomenclature.sharing_legal_basis,
    partner_id uuid references directory.partner,
    recipient text not null,
    fields text[] not null,
    person_informed text not null references nomenclature.person_informed,
    agreed_on date,
    sent_at timestamptz not null,
    sent_by uuid not null references accounts.account,
    constraint transmission_on_agreement_says_since_when check ((legal_basis = 'person_agreement') = (agreed_on is not null)),
    constraint transmission_belongs_to_its_participation unique (post_id, participation_id, id),
    constraint transmission_is_of_a_participation_of_the_post foreign key (post_id, participation_id)
        references social.participation (post_id, id),
    constraint transmission_of_an_orientation_of_the_participation foreign key (post_id, participation_id, orientation_id)
        references social.orientation (post_id, participation_id, id),
    constraint transmission_answers_a_requisition_of_the_post foreign key (post_id, requisition_id)
        references employer.requisition (post_id, id),
    constraint orientation_is_transmitted_once unique (post_id, orientation_id),
    constraint transmission_says_what_it_comes_from check (
        (transmission_kind = 'orientation') = (orientation_id is not null)
        and (transmission_kind = 'requisition') = (requisition_id is not null)),
    constraint requisition_alone_is_answered_as_one
        check ((legal_basis = 'judicial_requisition') = (transmission_kind = 'requisition')),
    constraint transmission_has_a_recipient check (recipient <> ''),
    constraint transmission_names_its_fields check (cardinality(fields) between 0 and 40)
);
create index transmission_newest_first on social.transmission (post_id, sent_at desc, id desc);
comment on table social.transmission is 'Registre de ce qui est sorti : fondement légal, destinataire, éléments, information de la personne, date. Rien de nominatif ne sort sans une ligne ici.';
comment on column social.transmission.id is 'Identifiant (UUIDv7).';
comment on column social.transmission.post_id is 'Poste qui transmet.';
comment on column social.transmission.participation_id is 'La participation.';
comment on column social.transmission.transmission_kind is 'Nature (liste transmission_kind).';
comment on column social.transmission.orientation_id is 'Orientation transmise, si c''en est une.';
comment on column social.transmission.requisition_id is 'Réquisition à laquelle il est répondu, si c''en est une.';
comment on column social.transmission.legal_basis is 'Fondement légal (liste sharing_legal_basis).';
comment on column social.transmission.partner_id is 'Partenaire destinataire, s''il est de l''annuaire.';
comment on column social.transmission.recipient is 'Destinataire, en clair.';
comment on column social.transmission.fields is 'Éléments transmis (codes de transmissible_field).';
comment on column social.transmission.person_informed is 'La personne a-t-elle été informée, sinon pourquoi.';
comment on column social.transmission.agreed_on is 'Jour de l''accord de la personne, quand la transmission repose sur lui.';
comment on column social.transmission.sent_at is 'Transmission.';
comment on column social.transmission.sent_by is 'Intervenant social qui a transmis.';

create table social.partner_referral_handling (
    referral_id uuid not null,
    post_id uuid not null,
    received_at timestamptz not null,
    received_by uuid not null references accounts.account,
    decision text references nomenclature.referral_decision,
    decided_at timestamptz,
    redirected_to text,
    situation_id uuid,
    primary key (post_id, referral_id),
    constraint partner_handling_answers_a_referral_of_its_post foreign key (post_id, referral_id)
        references exchange.referral (post_id, id),
    constraint partner_handling_opens_a_situation_of_its_post foreign key (post_id, situation_id)
        references social.situation (post_id, id),
    constraint partner_handling_decision_has_an_instant check ((decision is null) = (decided_at is null)),
    constraint partner_handling_is_decided_after_it_is_received check (decided_at >= received_at)
);
create index partner_referral_handling_by_situation on social.partner_referral_handling (post_id, situation_id);
comment on table social.partner_referral_handling is 'Ce que l''intervenant social fait d''une personne adressée par un partenaire ; invisible du partenaire.';
comment on column social.partner_referral_handling.referral_id is 'La demande du partenaire.';
comment on column social.partner_referral_handling.post_id is 'Le poste.';
comment on column social.partner_referral_handling.received_at is 'Premier acte de l''intervenant social.';
comment on column social.partner_referral_handling.received_by is 'Qui l''a reçue.';
comment on column social.partner_referral_handling.decision is 'Acceptée, réorientée, hors champ (liste referral_decision).';
comment on column social.partner_referral_handling.decided_at is 'Instant de la décision.';
comment on column social.partner_referral_handling.redirected_to is 'Vers qui, si elle est réorientée.';
comment on column social.partner_referral_handling.situation_id is 'Situation ouverte, si elle est acceptée.';

create table confidential.transmission_content (
    transmission_id uuid not null,
    post_id uuid not null,
    participation_id uuid not null,
    person_key_id uuid not null,
    author_id uuid not null references accounts.account,
    sealed bytea not null,
    primary key (post_id, transmission_id),
    constraint content_is_of_a_transmission foreign key (post_id, participation_id, transmission_id)
        references social.transmission (post_id, participation_id, id),
    constraint transmission_content_is_sealed_with_a_key_of_the_post foreign key (post_id, person_key_id)
        references confidential.person_key (post_id, id),
    constraint transmission_content_is_sealed check (octet_length(sealed) between 285 and 131101)
);
comment on table confidential.transmission_content is 'Ce qui fut transmis, mot pour mot, scellé : éléments, et récit d''une information préoccupante ou d''un signalement.';
comment on column confidential.transmission_content.transmission_id is 'La transmission.';
comment on column confidential.transmission_content.post_id is 'Poste qui transmet.';
comment on column confidential.transmission_content.participation_id is 'La participation.';
comment on column confidential.transmission_content.person_key_id is 'Clé de la personne.';
comment on column confidential.transmission_content.author_id is 'Auteur de la transmission.';
comment on column confidential.transmission_content.sealed is 'Contenu scellé (AES-256-GCM).';
