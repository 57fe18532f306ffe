-- Cercle « shared » : la saisine telle que l'unité l'a écrite, et le code qui lui est rendu.

create table shared.referral (
    id uuid primary key,
    unit_id uuid not null references organisation.unit,
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
    document_type text not null references nomenclature.referral_document,
    document_number text,
    facts text,
    urgency text not null references nomenclature.urgency,
    contact_consent text not null references nomenclature.contact_consent,
    danger_grid_positive boolean,
    withdrawn_at timestamptz,
    feedback_code text references nomenclature.feedback_status,
    feedback_on date,
    constraint referral_belongs_to_its_unit unique (unit_id, id),
    constraint referral_names_a_person check (last_name <> ''),
    constraint referral_facts_are_short check (length(facts) <= 1000),
    constraint referral_birth_date_has_a_precision check ((birth_date is null) = (birth_date_precision is null)),
    constraint referral_is_withdrawn_after_it_is_sent check (withdrawn_at >= sent_at),
    constraint referral_feedback_has_a_day check ((feedback_code is null) = (feedback_on is null))
);
create index referral_newest_first on shared.referral (unit_id, sent_at desc, id desc);
comment on table shared.referral is 'Saisine envoyée par une unité. Ne change que par un acte de l''unité ou par le retour explicite de l''intervenant social.';
comment on column shared.referral.id is 'Identifiant (UUIDv7).';
comment on column shared.referral.unit_id is 'Unité qui saisit.';
comment on column shared.referral.sent_by is 'Agent qui a envoyé la saisine.';
comment on column shared.referral.sent_at is 'Envoi.';
comment on column shared.referral.last_name is 'Nom, tel que l''agent l''a écrit.';
comment on column shared.referral.first_name is 'Prénom, tel que l''agent l''a écrit.';
comment on column shared.referral.birth_date is 'Date de naissance, au besoin partielle.';
comment on column shared.referral.birth_date_precision is 'Précision de la date (jour, mois, année, estimée).';
comment on column shared.referral.sex is 'Sexe (liste sex).';
comment on column shared.referral.phone is 'Téléphone, au format E.164.';
comment on column shared.referral.municipality is 'Commune de résidence.';
comment on column shared.referral.person_status is 'Statut vu par l''unité (victime, mis en cause…).';
comment on column shared.referral.safe_contact_hint is 'Comment joindre la personne sans danger, tel que l''agent l''a noté.';
comment on column shared.referral.document_type is 'Document à l''origine (plainte, main courante…).';
comment on column shared.referral.document_number is 'Numéro du document.';
comment on column shared.referral.facts is 'Faits en quelques lignes (1 000 caractères).';
comment on column shared.referral.urgency is 'Urgence demandée.';
comment on column shared.referral.contact_consent is 'Accord de la personne pour être contactée, y compris « non demandé ».';
comment on column shared.referral.danger_grid_positive is 'Grille d''évaluation du danger : danger caractérisé, oui ou non ; vide si non remplie.';
comment on column shared.referral.withdrawn_at is 'Retrait par l''unité.';
comment on column shared.referral.feedback_code is 'Retour publié à l''unité : un code d''une liste close, jamais un texte.';
comment on column shared.referral.feedback_on is 'Jour du retour.';

-- Cercle « social » : rien ici n'est visible de la police ni de la gendarmerie.

create table social.person (
    id uuid primary key,
    post_id uuid not null references organisation.post,
    last_name text,
    birth_name text,
    first_name text,
    sex text not null references nomenclature.sex,
    birth_date date,
    birth_date_precision text references nomenclature.birth_date_precision,
    declared_minor boolean,
    phone text,
    municipality text,
    household_type text references nomenclature.household_type,
    housing_status text references nomenclature.housing_status,
    employment_status text references nomenclature.employment_status,
    recorded_at timestamptz not null,
    folded_name text generated always as (social.folded(
        coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(birth_name, ''))) stored,
    last_name_sound text generated always as (social.sounding(coalesce(last_name, ''))) stored,
    birth_name_sound text generated always as (social.sounding(coalesce(birth_name, ''))) stored,
    first_name_sound text generated always as (social.sounding(coalesce(first_name, ''))) stored,
    constraint person_belongs_to_her_post unique (post_id, id),
    constraint person_birth_date_has_a_precision check ((birth_date is null) = (birth_date_precision is null))
);
create index person_newest_first on social.person (post_id, recorded_at desc, id desc);
create index person_by_name on social.person using gin (post_id, folded_name extensions.gin_trgm_ops);
create index person_by_last_name_sound on social.person (post_id, last_name_sound);
create index person_by_birth_name_sound on social.person (post_id, birth_name_sound);
create index person_by_first_name_sound on social.person (post_id, first_name_sound);
comment on table social.person is 'Personne connue d''un poste. Le même individu reçu par deux postes a deux fiches, qui s''ignorent.';
comment on column social.person.id is 'Identifiant (UUIDv7).';
comment on column social.person.post_id is 'Poste qui tient la fiche.';
comment on column social.person.last_name is 'Nom d''usage.';
comment on column social.person.birth_name is 'Nom de naissance.';
comment on column social.person.first_name is 'Prénom.';
comment on column social.person.sex is 'Sexe (liste sex).';
comment on column social.person.birth_date is 'Date de naissance, au besoin partielle.';
comment on column social.person.birth_date_precision is 'Précision de la date (jour, mois, année, estimée).';
comment on column social.person.declared_minor is 'Mineure déclarée, quand la date de naissance est inconnue.';
comment on column social.person.phone is 'Téléphone ordinaire (E.164) ; les coordonnées sûres sont scellées ailleurs.';
comment on column social.person.municipality is 'Commune de résidence.';
comment on column social.person.household_type is 'Type de ménage (facultatif, hors grille).';
comment on column social.person.housing_status is 'Logement (facultatif, hors grille).';
comment on column social.person.employment_status is 'Emploi (facultatif, hors grille).';
comment on column social.person.recorded_at is 'Première saisie.';
comment on column social.person.folded_name is 'Prénom et noms sans accents ni casse, pour la recherche.';
comment on column social.person.last_name_sound is 'Clé phonétique du nom d''usage.';
comment on column social.person.birth_name_sound is 'Clé phonétique du nom de naissance.';
comment on column social.person.first_name_sound is 'Clé phonétique du prénom.';

create table social.household_link (
    id uuid primary key,
    post_id uuid not null,
    person_id uuid not null,
    other_person_id uuid not null,
    household_link text not null references nomenclature.household_link,
    ended_at timestamptz,
    constraint household_link_starts_from_a_person_of_the_post foreign key (post_id, person_id) references social.person (post_id, id),
    constraint household_link_leads_to_a_person_of_the_post foreign key (post_id, other_person_id) references social.person (post_id, id),
    constraint nobody_is_linked_to_oneself check (person_id <> other_person_id)
);
create unique index household_link_is_said_once on social.household_link (post_id, person_id, other_person_id) where ended_at is null;
comment on table social.household_link is 'Lien familial ou de ménage, noté dans la fiche d''une personne ; n''apparaît pas dans la fiche de l''autre.';
comment on column social.household_link.id is 'Identifiant (UUIDv7).';
comment on column social.household_link.post_id is 'Poste qui tient la fiche.';
comment on column social.household_link.person_id is 'La personne dont la fiche porte le lien.';
comment on column social.household_link.other_person_id is 'L''autre personne.';
comment on column social.household_link.household_link is 'Nature du lien (liste household_link) : l''autre est … de la personne.';
comment on column social.household_link.ended_at is 'Fin du lien.';

create table social.situation (
    id uuid primary key,
    post_id uuid not null references organisation.post,
    unit_id uuid references organisation.unit,
    site_id uuid references organisation.site,
    status text not null references nomenclature.situation_status,
    referral_source text not null references nomenclature.referral_source,
    opened_on date not null,
    opened_by uuid not null references accounts.account,
    main_problem text references nomenclature.problem_type,
    secondary_problems text[] not null,
    penal_context text references nomenclature.penal_context,
    urgency text references nomenclature.urgency,
    suspended_on date,
    closed_on date,
    closure_reason text references nomenclature.closure_reason,
    recorded_at timestamptz not null,
    constraint situation_belongs_to_its_post unique (post_id, id),
    constraint situation_closes_after_it_opens check (closed_on >= opened_on),
    constraint situation_is_closed_with_a_day_and_a_reason
        check ((status = 'closed') = (closed_on is not null) and (closed_on is null) = (closure_reason is null)),
    constraint situation_is_suspended_since_a_day check ((status = 'suspended') = (suspended_on is not null)),
    constraint situation_has_few_secondary_problems check (cardinality(secondary_problems) <= 10)
);
create index situation_newest_first on social.situation (post_id, opened_on desc, id desc);
comment on table social.situation is 'Ensemble de circonstances suivi par un poste, ouvert une fois, avec un problème principal.';
comment on column social.situation.id is 'Identifiant (UUIDv7).';
comment on column social.situation.post_id is 'Poste en charge.';
comment on column social.situation.unit_id is 'Unité d''origine, pour compter ; vide si la personne est venue seule.';
comment on column social.situation.site_id is 'Lieu de réception, pour compter.';
comment on column social.situation.status is 'État : ouverte, contact en cours, active, suspendue, close.';
comment on column social.situation.referral_source is 'Origine (liste referral_source).';
comment on column social.situation.opened_on is 'Jour d''ouverture ; date de comptage.';
comment on column social.situation.opened_by is 'Intervenant social qui l''a ouverte.';
comment on column social.situation.main_problem is 'Problématique principale (liste problem_type).';
comment on column social.situation.secondary_problems is 'Problématiques secondaires (codes de problem_type).';
comment on column social.situation.penal_context is 'Contexte pénal ou non ; jamais de qualification (art. 46 loi 1978).';
comment on column social.situation.urgency is 'Urgence appréciée par l''intervenant social.';
comment on column social.situation.suspended_on is 'Jour de suspension.';
comment on column social.situation.closed_on is 'Jour de clôture.';
comment on column social.situation.closure_reason is 'Motif de clôture (liste closure_reason).';
comment on column social.situation.recorded_at is 'Saisie.';

-- Une clé étrangère ne porte pas sur les éléments d'un tableau : ce déclencheur en tient lieu.
create function social.check_secondary_problems() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from unnest(new.secondary_problems) as said (code)
                where not exists (select from nomenclature.problem_type known where known.code = said.code)) then
        raise exception using errcode = '23514', constraint = 'situation_secondary_problems_are_known',
            message = 'unknown secondary problem';
    end if;
    return new;
end
$$;
comment on function social.check_secondary_problems() is 'Refuse une problématique secondaire absente de la liste problem_type.';
create trigger situation_secondary_problems_are_known before insert or update of secondary_problems on social.situation
    for each row execute function social.check_secondary_problems();

create table social.referral_handling (
    referral_id uuid not null,
    unit_id uuid not null,
    post_id uuid not null references organisation.post,
    received_at timestamptz not null,
    received_by uuid not null references accounts.account,
    decision text references nomenclature.referral_decision,
    decided_at timestamptz,
    redirected_to text,
    situation_id uuid,
    -- Le périmètre d'abord : une clé ne doit pas dire à une autre unité ce qui existe.
    primary key (unit_id, referral_id),
    constraint handling_answers_a_referral_of_its_unit foreign key (unit_id, referral_id) references shared.referral (unit_id, id),
    constraint handling_opens_a_situation_of_its_post foreign key (post_id, situation_id) references social.situation (post_id, id),
    constraint handling_decision_has_an_instant check ((decision is null) = (decided_at is null)),
    constraint handling_is_decided_after_it_is_received check (decided_at >= received_at)
);
create index referral_handling_by_post on social.referral_handling (post_id, received_at desc, referral_id desc);
create index referral_handling_by_situation on social.referral_handling (post_id, situation_id);
comment on table social.referral_handling is 'Ce que l''intervenant social fait d''une saisine ; invisible de l''unité.';
comment on column social.referral_handling.referral_id is 'La saisine.';
comment on column social.referral_handling.unit_id is 'Son unité.';
comment on column social.referral_handling.post_id is 'Le poste qui la prend.';
comment on column social.referral_handling.received_at is 'Premier acte de l''intervenant social.';
comment on column social.referral_handling.received_by is 'Qui l''a reçue.';
comment on column social.referral_handling.decision is 'Acceptée, réorientée, hors champ (liste referral_decision).';
comment on column social.referral_handling.decided_at is 'Instant de la décision.';
comment on column social.referral_handling.redirected_to is 'Vers qui, si elle est réorientée.';
comment on column social.referral_handling.situation_id is 'Situation ouverte, si elle est acceptée.';

create table social.participation (
    id uuid primary key,
    post_id uuid not null,
    situation_id uuid not null,
    person_id uuid not null,
    person_status text not null references nomenclature.person_status,
    contact_consent text not null references nomenclature.contact_consent,
    known_to_social_services text not null references nomenclature.known_to_social_services,
    joined_on date not null,
    constraint participation_belongs_to_its_post unique (post_id, id),
    constraint participation_belongs_to_its_situation unique (post_id, situation_id, id),
    constraint person_takes_part_once unique (post_id, situation_id, person_id),
    constraint participation_is_in_a_situation_of_the_post foreign key (post_id, situation_id) references social.situation (post_id, id),
    constraint participation_is_of_a_person_of_the_post foreign key (post_id, person_id) references social.person (post_id, id)
);
create index participation_by_person on social.participation (post_id, person_id);
comment on table social.participation is 'Une personne dans une situation, avec un statut : la « fiche » que l''on compte. Notes, besoins et interventions s''y rattachent.';
comment on column social.participation.id is 'Identifiant (UUIDv7).';
comment on column social.participation.post_id is 'Poste en charge.';
comment on column social.participation.situation_id is 'La situation.';
comment on column social.participation.person_id is 'La personne.';
comment on column social.participation.person_status is 'Statut dans cette situation (liste person_status).';
comment on column social.participation.contact_consent is 'Accord pour être contactée (liste contact_consent).';
comment on column social.participation.known_to_social_services is 'Connue des services sociaux, et pour ce motif ou non.';
comment on column social.participation.joined_on is 'Jour d''entrée dans la situation.';

create table social.need (
    id uuid primary key,
    post_id uuid not null,
    participation_id uuid not null,
    need_type text not null references nomenclature.need_type,
    assessed_on date not null,
    met_on date,
    ended_at timestamptz,
    constraint need_is_of_a_participation_of_the_post foreign key (post_id, participation_id) references social.participation (post_id, id),
    constraint need_is_met_after_it_is_assessed check (met_on >= assessed_on)
);
create unique index need_is_assessed_once on social.need (post_id, participation_id, need_type) where ended_at is null;
comment on table social.need is 'Besoin social évalué pour une personne dans une situation.';
comment on column social.need.id is 'Identifiant (UUIDv7).';
comment on column social.need.post_id is 'Poste en charge.';
comment on column social.need.participation_id is 'La participation.';
comment on column social.need.need_type is 'Besoin (liste need_type).';
comment on column social.need.assessed_on is 'Jour de l''évaluation.';
comment on column social.need.met_on is 'Jour où le besoin a reçu sa réponse.';
comment on column social.need.ended_at is 'Retrait d''un besoin noté par erreur.';

create table social.intervention (
    id uuid primary key,
    post_id uuid not null references organisation.post,
    situation_id uuid,
    participation_id uuid,
    unit_id uuid references organisation.unit,
    site_id uuid references organisation.site,
    intervention_type text not null,
    counts_as_interview boolean not null,
    needs_home_visit_clearance boolean not null,
    may_lack_participation boolean not null,
    anonymous_contact boolean not null,
    channel text not null references nomenclature.channel,
    outcome text not null references nomenclature.intervention_outcome,
    occurred_at timestamptz not null,
    duration_minutes integer,
    security_service_informed_at timestamptz,
    security_service_informed_by text,
    employer_agreement_at timestamptz,
    employer_agreement_given_by text,
    recorded_by uuid not null references accounts.account,
    recorded_at timestamptz not null,
    constraint intervention_type_says_what_it_is
        foreign key (intervention_type, counts_as_interview, needs_home_visit_clearance, may_lack_participation)
        references nomenclature.intervention_type (code, counts_as_interview, needs_home_visit_clearance, may_lack_participation),
    constraint intervention_hangs_on_a_participation_of_its_situation foreign key (post_id, situation_id, participation_id)
        references social.participation (post_id, situation_id, id),
    constraint intervention_has_a_participation_or_says_why_not
        check ((participation_id is not null) <> (anonymous_contact or may_lack_participation) and (participation_id is null) = (situation_id is null)),
    constraint home_visit_needs_the_security_service_and_the_employer
        check (not needs_home_visit_clearance
               or num_nulls(security_service_informed_at, security_service_informed_by,
                            employer_agreement_at, employer_agreement_given_by) = 0),
    constraint home_visit_is_cleared_before_it_takes_place
        check (not needs_home_visit_clearance
               or (security_service_informed_at <= occurred_at and employer_agreement_at <= occurred_at)),
    constraint intervention_lasts_less_than_a_day check (duration_minutes between 0 and 1440)
);
create index intervention_newest_first on social.intervention (post_id, occurred_at desc, id desc);
create index intervention_by_participation on social.intervention (post_id, participation_id, occurred_at desc, id desc);
comment on table social.intervention is 'Acte professionnel daté : entretien, démarche, liaison. Visite à domicile : refusée sans information du service de sécurité et accord de l''employeur (fiche de poste 6.1).';
comment on column social.intervention.id is 'Identifiant (UUIDv7).';
comment on column social.intervention.post_id is 'Poste qui intervient.';
comment on column social.intervention.situation_id is 'Situation, celle de la participation.';
comment on column social.intervention.participation_id is 'La participation ; vide pour un contact anonyme ou la lecture de la main courante.';
comment on column social.intervention.unit_id is 'Unité, pour compter.';
comment on column social.intervention.site_id is 'Lieu, pour compter.';
comment on column social.intervention.intervention_type is 'Nature de l''acte (liste intervention_type).';
comment on column social.intervention.counts_as_interview is 'Fait de la nature de l''acte, recopié : compte comme entretien.';
comment on column social.intervention.needs_home_visit_clearance is 'Fait de la nature de l''acte, recopié : exige les garanties de la visite à domicile.';
comment on column social.intervention.may_lack_participation is 'Fait de la nature de l''acte, recopié : n''est lié à personne.';
comment on column social.intervention.anonymous_contact is 'Information donnée sans ouvrir de dossier ; comptée à part.';
comment on column social.intervention.channel is 'Sur place, téléphone, visioconférence, domicile, écrit.';
comment on column social.intervention.outcome is 'Tenu, manqué, annulé, sans réponse, refusé.';
comment on column social.intervention.occurred_at is 'Moment de l''acte ; date de comptage.';
comment on column social.intervention.duration_minutes is 'Durée en minutes.';
comment on column social.intervention.security_service_informed_at is 'Service de sécurité informé de la visite.';
comment on column social.intervention.security_service_informed_by is 'Qui l''a informé.';
comment on column social.intervention.employer_agreement_at is 'Accord de l''employeur à la visite.';
comment on column social.intervention.employer_agreement_given_by is 'Qui a donné cet accord.';
comment on column social.intervention.recorded_by is 'Auteur de la saisie.';
comment on column social.intervention.recorded_at is 'Saisie.';
