-- Les listes des partenaires, des orientations et des transmissions ; les faits nouveaux de cinq listes d'avant.
-- Rendu par « python -m app.nomenclature.render » pour les listes nouvelles, puis figé.

create table nomenclature.transmission_kind (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    needs_narrative boolean not null,
    made_by_its_own_act boolean not null,
    constraint transmission_kind_has_one_row_per_code primary key (code),
    constraint transmission_kind_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint transmission_kind_label_says_something check (btrim(label) <> ''),
    constraint transmission_kind_parent_stands_in_the_list foreign key (parent_code) references nomenclature.transmission_kind (code),
    constraint transmission_kind_is_not_its_own_parent check (parent_code <> code),
    constraint transmission_kind_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.transmission_kind is 'Nature de la transmission. Ce qui sort : une orientation, un partage, une information préoccupante, un signalement, la réponse à une réquisition.';
comment on column nomenclature.transmission_kind.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.transmission_kind.label is 'Libellé officiel, en français.';
comment on column nomenclature.transmission_kind.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.transmission_kind.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.transmission_kind.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.transmission_kind.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.transmission_kind.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.transmission_kind.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.transmission_kind.needs_narrative is 'Vrai si un écrit, scellé, l’accompagne toujours.';
comment on column nomenclature.transmission_kind.made_by_its_own_act is 'Vrai si elle naît d’un autre acte : transmettre une orientation ou répondre à une réquisition.';
insert into nomenclature.transmission_kind
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, needs_narrative, made_by_its_own_act)
values
    ('orientation', 'Orientation vers un partenaire', null, 10, '2026-01-01', null, null, 'F', false, true),
    ('professional_sharing', 'Partage avec un autre professionnel', null, 20, '2026-01-01', null, null, 'S70 S72', false, false),
    ('concerning_information', 'Information préoccupante (CRIP)', null, 30, '2026-01-01', null, null, 'S71', true, false),
    ('prosecutor_report', 'Signalement au procureur de la République', null, 40, '2026-01-01', null, null, 'S61 S65', true, false),
    ('requisition', 'Réponse à une réquisition judiciaire', null, 50, '2026-01-01', null, null, 'S67', false, true);

create table nomenclature.transmissible_field (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    offered_to_partners boolean not null,
    tells_where_she_is boolean not null,
    constraint transmissible_field_has_one_row_per_code primary key (code),
    constraint transmissible_field_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint transmissible_field_label_says_something check (btrim(label) <> ''),
    constraint transmissible_field_parent_stands_in_the_list foreign key (parent_code) references nomenclature.transmissible_field (code),
    constraint transmissible_field_is_not_its_own_parent check (parent_code <> code),
    constraint transmissible_field_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.transmissible_field is 'Élément transmissible. Ce qu’une transmission peut porter. Rien d’autre ne sort, et chaque transmission nomme les siens.';
comment on column nomenclature.transmissible_field.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.transmissible_field.label is 'Libellé officiel, en français.';
comment on column nomenclature.transmissible_field.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.transmissible_field.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.transmissible_field.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.transmissible_field.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.transmissible_field.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.transmissible_field.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.transmissible_field.offered_to_partners is 'Vrai si l’élément peut être transmis à un partenaire.';
comment on column nomenclature.transmissible_field.tells_where_she_is is 'Vrai s’il dit où trouver la personne sans passer par l’intervenant social.';
insert into nomenclature.transmissible_field
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, offered_to_partners, tells_where_she_is)
values
    ('last_name', 'Nom', null, 10, '2026-01-01', null, null, 'inferred', true, false),
    ('birth_name', 'Nom de naissance', null, 20, '2026-01-01', null, null, 'inferred', true, false),
    ('first_name', 'Prénom', null, 30, '2026-01-01', null, null, 'inferred', true, false),
    ('sex', 'Sexe', null, 40, '2026-01-01', null, null, 'inferred', true, false),
    ('birth_date', 'Date de naissance', null, 50, '2026-01-01', null, null, 'inferred', true, false),
    ('phone', 'Téléphone', null, 60, '2026-01-01', null, null, 'inferred', true, false),
    ('municipality', 'Commune', null, 70, '2026-01-01', null, null, 'inferred', true, false),
    ('household_type', 'Situation familiale', null, 80, '2026-01-01', null, null, 'inferred', true, false),
    ('housing_status', 'Logement', null, 90, '2026-01-01', null, null, 'inferred', true, false),
    ('employment_status', 'Emploi', null, 100, '2026-01-01', null, null, 'inferred', true, false),
    ('person_status', 'Statut dans la situation', null, 110, '2026-01-01', null, null, 'inferred', true, false),
    ('known_to_social_services', 'Connue des services sociaux', null, 120, '2026-01-01', null, null, 'inferred', true, false),
    ('main_problem', 'Problématique principale', null, 130, '2026-01-01', null, null, 'inferred', true, false),
    ('urgency', 'Urgence', null, 140, '2026-01-01', null, null, 'inferred', true, false),
    ('needs', 'Besoins évalués', null, 150, '2026-01-01', null, null, 'inferred', true, false),
    ('safe_contact', 'Coordonnées sûres', null, 160, '2026-01-01', null, null, 'S52', true, true),
    ('message', 'Message rédigé pour le destinataire', null, 170, '2026-01-01', null, null, 'inferred', true, false),
    ('interventions', 'Dates et nature des interventions', null, 180, '2026-01-01', null, null, 'S67', false, false);

create table nomenclature.requisition_basis (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint requisition_basis_has_one_row_per_code primary key (code),
    constraint requisition_basis_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint requisition_basis_label_says_something check (btrim(label) <> ''),
    constraint requisition_basis_parent_stands_in_the_list foreign key (parent_code) references nomenclature.requisition_basis (code),
    constraint requisition_basis_is_not_its_own_parent check (parent_code <> code),
    constraint requisition_basis_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.requisition_basis is 'Fondement de la réquisition. Texte au titre duquel la remise est demandée.';
comment on column nomenclature.requisition_basis.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.requisition_basis.label is 'Libellé officiel, en français.';
comment on column nomenclature.requisition_basis.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.requisition_basis.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.requisition_basis.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.requisition_basis.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.requisition_basis.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.requisition_basis.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.requisition_basis
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('cpp_60_1', 'Enquête de flagrance (art. 60-1 du code de procédure pénale)', null, 10, '2026-01-01', null, null, 'S67'),
    ('cpp_77_1_1', 'Enquête préliminaire (art. 77-1-1 du code de procédure pénale)', null, 20, '2026-01-01', null, null, 'S67'),
    ('cpp_99_3', 'Commission rogatoire (art. 99-3 du code de procédure pénale)', null, 30, '2026-01-01', null, null, 'K'),
    ('other', 'Autre fondement', null, 40, '2026-01-01', null, null, 'inferred');

create table nomenclature.requisition_decision (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    allows_handing_over boolean not null,
    constraint requisition_decision_has_one_row_per_code primary key (code),
    constraint requisition_decision_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint requisition_decision_label_says_something check (btrim(label) <> ''),
    constraint requisition_decision_parent_stands_in_the_list foreign key (parent_code) references nomenclature.requisition_decision (code),
    constraint requisition_decision_is_not_its_own_parent check (parent_code <> code),
    constraint requisition_decision_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.requisition_decision is 'Suite donnée à la réquisition. Ce que l’intervenant social et son employeur ont décidé.';
comment on column nomenclature.requisition_decision.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.requisition_decision.label is 'Libellé officiel, en français.';
comment on column nomenclature.requisition_decision.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.requisition_decision.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.requisition_decision.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.requisition_decision.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.requisition_decision.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.requisition_decision.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.requisition_decision.allows_handing_over is 'Vrai si quelque chose est remis.';
insert into nomenclature.requisition_decision
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, allows_handing_over)
values
    ('complied', 'Remise de ce qui est demandé', null, 10, '2026-01-01', null, null, 'S67 S68', true),
    ('partly_complied', 'Remise d’une partie de ce qui est demandé', null, 20, '2026-01-01', null, null, 'S69', true),
    ('refused', 'Refus pour motif légitime', null, 30, '2026-01-01', null, null, 'S67 S69', false);

create table nomenclature.refusal_reason (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint refusal_reason_has_one_row_per_code primary key (code),
    constraint refusal_reason_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint refusal_reason_label_says_something check (btrim(label) <> ''),
    constraint refusal_reason_parent_stands_in_the_list foreign key (parent_code) references nomenclature.refusal_reason (code),
    constraint refusal_reason_is_not_its_own_parent check (parent_code <> code),
    constraint refusal_reason_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.refusal_reason is 'Motif de refus du partenaire. Pourquoi le partenaire ne prend pas la personne en charge.';
comment on column nomenclature.refusal_reason.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.refusal_reason.label is 'Libellé officiel, en français.';
comment on column nomenclature.refusal_reason.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.refusal_reason.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.refusal_reason.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.refusal_reason.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.refusal_reason.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.refusal_reason.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.refusal_reason
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('out_of_area', 'Hors du territoire desservi', null, 10, '2026-01-01', null, null, 'inferred'),
    ('no_capacity', 'Pas de place ou délai trop long', null, 20, '2026-01-01', null, null, 'inferred'),
    ('criteria_not_met', 'Critères d’accès non remplis', null, 30, '2026-01-01', null, null, 'inferred'),
    ('wrong_service', 'Ne relève pas de ce service', null, 40, '2026-01-01', null, null, 'inferred'),
    ('already_followed', 'Personne déjà suivie par un autre service', null, 50, '2026-01-01', null, null, 'inferred'),
    ('other', 'Autre motif', null, 60, '2026-01-01', null, null, 'inferred');

create table nomenclature.orientation_outcome (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint orientation_outcome_has_one_row_per_code primary key (code),
    constraint orientation_outcome_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint orientation_outcome_label_says_something check (btrim(label) <> ''),
    constraint orientation_outcome_parent_stands_in_the_list foreign key (parent_code) references nomenclature.orientation_outcome (code),
    constraint orientation_outcome_is_not_its_own_parent check (parent_code <> code),
    constraint orientation_outcome_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.orientation_outcome is 'Issue de l’orientation. Ce que le partenaire a fait de l’orientation.';
comment on column nomenclature.orientation_outcome.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.orientation_outcome.label is 'Libellé officiel, en français.';
comment on column nomenclature.orientation_outcome.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.orientation_outcome.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.orientation_outcome.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.orientation_outcome.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.orientation_outcome.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.orientation_outcome.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.orientation_outcome
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('support_started', 'Accompagnement engagé', null, 10, '2026-01-01', null, null, 'inferred'),
    ('need_met', 'Besoin satisfait', null, 20, '2026-01-01', null, null, 'inferred'),
    ('waiting_list', 'Inscription sur liste d’attente', null, 30, '2026-01-01', null, null, 'inferred'),
    ('directed_elsewhere', 'Orientation vers un autre service', null, 40, '2026-01-01', null, null, 'inferred'),
    ('person_did_not_come', 'Personne non venue', null, 50, '2026-01-01', null, null, 'inferred'),
    ('declined_by_person', 'Refus de la personne', null, 60, '2026-01-01', null, null, 'inferred'),
    ('support_ended', 'Accompagnement terminé', null, 70, '2026-01-01', null, null, 'inferred');

create table nomenclature.partner_public (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint partner_public_has_one_row_per_code primary key (code),
    constraint partner_public_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint partner_public_label_says_something check (btrim(label) <> ''),
    constraint partner_public_parent_stands_in_the_list foreign key (parent_code) references nomenclature.partner_public (code),
    constraint partner_public_is_not_its_own_parent check (parent_code <> code),
    constraint partner_public_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.partner_public is 'Public accueilli. À qui un service de l’annuaire s’adresse, selon le vocabulaire data·inclusion.';
comment on column nomenclature.partner_public.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.partner_public.label is 'Libellé officiel, en français.';
comment on column nomenclature.partner_public.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.partner_public.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.partner_public.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.partner_public.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.partner_public.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.partner_public.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.partner_public
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('everyone', 'Tous publics', null, 10, '2026-01-01', null, null, 'DI'),
    ('women', 'Femmes', null, 20, '2026-01-01', null, null, 'DI'),
    ('families', 'Familles', null, 30, '2026-01-01', null, null, 'DI'),
    ('young_people', 'Jeunes', null, 40, '2026-01-01', null, null, 'DI'),
    ('seniors', 'Personnes âgées', null, 50, '2026-01-01', null, null, 'DI'),
    ('people_in_emergency', 'Personnes en situation d’urgence', null, 60, '2026-01-01', null, null, 'DI'),
    ('people_with_disability', 'Personnes en situation de handicap', null, 70, '2026-01-01', null, null, 'DI'),
    ('people_in_legal_proceedings', 'Personnes en situation juridique spécifique', null, 80, '2026-01-01', null, null, 'DI'),
    ('exiled_people', 'Personnes exilées', null, 90, '2026-01-01', null, null, 'DI'),
    ('minimum_income_recipients', 'Bénéficiaires des minimas sociaux', null, 100, '2026-01-01', null, null, 'DI'),
    ('job_seekers', 'Demandeurs d’emploi', null, 110, '2026-01-01', null, null, 'DI'),
    ('working_people', 'Actifs', null, 120, '2026-01-01', null, null, 'DI'),
    ('students', 'Étudiants', null, 130, '2026-01-01', null, null, 'DI'),
    ('priority_area_residents', 'Résidents d’un quartier prioritaire ou d’une zone France ruralités revitalisation', null, 140, '2026-01-01', null, null, 'DI');

-- Faits nouveaux. Le propriétaire est soumis à la sécurité par ligne : il se fait une règle, le temps d'écrire.
alter table nomenclature.sharing_legal_basis
    add column serves_orientation boolean,
    add column serves_professional_sharing boolean,
    add column serves_concerning_information boolean,
    add column serves_prosecutor_report boolean,
    add column serves_requisition boolean,
    add column needs_public_employer boolean,
    add column needs_secrecy_by_profession boolean,
    add column rests_on_agreement boolean,
    add column within_social_action boolean;
create policy migration on nomenclature.sharing_legal_basis for all to relais_migrator using (true) with check (true);
update nomenclature.sharing_legal_basis set serves_orientation = true, serves_professional_sharing = true, serves_concerning_information = false, serves_prosecutor_report = true, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = true, within_social_action = false where code = 'person_agreement';
update nomenclature.sharing_legal_basis set serves_orientation = true, serves_professional_sharing = true, serves_concerning_information = false, serves_prosecutor_report = false, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = true where code = 'child_protection_l226_2_2';
update nomenclature.sharing_legal_basis set serves_orientation = false, serves_professional_sharing = false, serves_concerning_information = true, serves_prosecutor_report = false, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = false where code = 'concerning_information_l226_2_1';
update nomenclature.sharing_legal_basis set serves_orientation = false, serves_professional_sharing = false, serves_concerning_information = true, serves_prosecutor_report = true, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = false where code = 'minor_or_vulnerable_226_14_1';
update nomenclature.sharing_legal_basis set serves_orientation = false, serves_professional_sharing = false, serves_concerning_information = true, serves_prosecutor_report = true, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = true, rests_on_agreement = false, within_social_action = false where code = 'minor_l411_3';
update nomenclature.sharing_legal_basis set serves_orientation = true, serves_professional_sharing = true, serves_concerning_information = false, serves_prosecutor_report = false, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = true where code = 'social_professionals_l121_6_2';
update nomenclature.sharing_legal_basis set serves_orientation = false, serves_professional_sharing = false, serves_concerning_information = false, serves_prosecutor_report = false, serves_requisition = true, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = false where code = 'judicial_requisition';
update nomenclature.sharing_legal_basis set serves_orientation = true, serves_professional_sharing = true, serves_concerning_information = false, serves_prosecutor_report = true, serves_requisition = false, needs_public_employer = false, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = false where code = 'peril_or_necessity';
update nomenclature.sharing_legal_basis set serves_orientation = false, serves_professional_sharing = false, serves_concerning_information = false, serves_prosecutor_report = true, serves_requisition = false, needs_public_employer = true, needs_secrecy_by_profession = false, rests_on_agreement = false, within_social_action = false where code = 'public_agent_art_40';
drop policy migration on nomenclature.sharing_legal_basis;
alter table nomenclature.sharing_legal_basis
    alter column serves_orientation set not null,
    alter column serves_professional_sharing set not null,
    alter column serves_concerning_information set not null,
    alter column serves_prosecutor_report set not null,
    alter column serves_requisition set not null,
    alter column needs_public_employer set not null,
    alter column needs_secrecy_by_profession set not null,
    alter column rests_on_agreement set not null,
    alter column within_social_action set not null;
comment on column nomenclature.sharing_legal_basis.serves_orientation is 'Vrai s’il peut fonder une orientation vers un partenaire.';
comment on column nomenclature.sharing_legal_basis.serves_professional_sharing is 'Vrai s’il peut fonder un partage avec un autre professionnel.';
comment on column nomenclature.sharing_legal_basis.serves_concerning_information is 'Vrai s’il peut fonder une information préoccupante.';
comment on column nomenclature.sharing_legal_basis.serves_prosecutor_report is 'Vrai s’il peut fonder un signalement au procureur de la République.';
comment on column nomenclature.sharing_legal_basis.serves_requisition is 'Vrai s’il fonde la réponse à une réquisition.';
comment on column nomenclature.sharing_legal_basis.needs_public_employer is 'Vrai s’il n’est offert qu’à l’agent d’un employeur public.';
comment on column nomenclature.sharing_legal_basis.needs_secrecy_by_profession is 'Vrai s’il n’est offert qu’au professionnel tenu au secret par profession.';
comment on column nomenclature.sharing_legal_basis.rests_on_agreement is 'Vrai s’il repose sur l’accord de la personne, et sur lui seul.';
comment on column nomenclature.sharing_legal_basis.within_social_action is 'Vrai s’il ne vaut qu’entre professionnels de l’action sociale ou de la protection de l’enfance.';

alter table nomenclature.employer_type
    add column employs_public_agents boolean;
create policy migration on nomenclature.employer_type for all to relais_migrator using (true) with check (true);
update nomenclature.employer_type set employs_public_agents = true where code = 'departement';
update nomenclature.employer_type set employs_public_agents = true where code = 'commune_ccas';
update nomenclature.employer_type set employs_public_agents = true where code = 'epci';
update nomenclature.employer_type set employs_public_agents = false where code = 'association';
update nomenclature.employer_type set employs_public_agents = true where code = 'other_public';
drop policy migration on nomenclature.employer_type;
alter table nomenclature.employer_type
    alter column employs_public_agents set not null;
comment on column nomenclature.employer_type.employs_public_agents is 'Vrai si l’employeur est public : l’article 40 du code de procédure pénale ne vise que les agents publics.';

alter table nomenclature.secrecy_basis
    add column rests_on_profession boolean;
create policy migration on nomenclature.secrecy_basis for all to relais_migrator using (true) with check (true);
update nomenclature.secrecy_basis set rests_on_profession = true where code = 'by_profession';
update nomenclature.secrecy_basis set rests_on_profession = false where code = 'by_mission';
drop policy migration on nomenclature.secrecy_basis;
alter table nomenclature.secrecy_basis
    alter column rests_on_profession set not null;
comment on column nomenclature.secrecy_basis.rests_on_profession is 'Vrai si le secret tient à la profession (assistant de service social, L. 411-3 du CASF).';

alter table nomenclature.partner_category
    add column mediates_between_parties boolean,
    add column receives_content boolean,
    add column of_social_action boolean,
    add column may_know_safe_contact boolean;
create policy migration on nomenclature.partner_category for all to relais_migrator using (true) with check (true);
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'departmental_social_service';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'ccas_cias';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'child_protection_crip';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'pmi';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'victim_support';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'womens_rights_cidff';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'violence_specialised';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = false where code = 'perpetrator_programme';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'siao_115';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'emergency_shelter';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = false where code = 'social_landlord';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'hospital_emergency_umj';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'mental_health_service';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'addiction_service';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'general_practitioner';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'psychologist';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'access_to_law';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = false, of_social_action = false, may_know_safe_contact = false where code = 'prosecutor';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = false, of_social_action = false, may_know_safe_contact = false where code = 'family_judge_court';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'pjj_spip';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'adult_protection_service';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'elderly_service';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'disability_mdph';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'caf_msa';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'mission_locale_employment';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'school_social_service';
update nomenclature.partner_category set mediates_between_parties = true, receives_content = true, of_social_action = false, may_know_safe_contact = false where code = 'family_mediation_space';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'food_material_aid';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'foreigners_rights';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = false, of_social_action = false, may_know_safe_contact = false where code = 'police_gendarmerie';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = true, may_know_safe_contact = true where code = 'other_iscg';
update nomenclature.partner_category set mediates_between_parties = false, receives_content = true, of_social_action = false, may_know_safe_contact = true where code = 'other';
drop policy migration on nomenclature.partner_category;
alter table nomenclature.partner_category
    alter column mediates_between_parties set not null,
    alter column receives_content set not null,
    alter column of_social_action set not null,
    alter column may_know_safe_contact set not null;
comment on column nomenclature.partner_category.mediates_between_parties is 'Vrai si l’on y réunit les deux parties, ce qui n’est jamais proposé après des violences dans le couple.';
comment on column nomenclature.partner_category.receives_content is 'Vrai si des éléments sur la personne peuvent lui être transmis par une orientation. Jamais à la police, au parquet ni au juge.';
comment on column nomenclature.partner_category.of_social_action is 'Vrai si l’on y trouve des professionnels de l’action sociale ou de la protection de l’enfance (L. 121-6-2, L. 226-2-2 du CASF).';
comment on column nomenclature.partner_category.may_know_safe_contact is 'Vrai si les coordonnées sûres peuvent lui être transmises : jamais là où l’auteur des violences est reçu.';

alter table nomenclature.person_informed
    add column told_before boolean;
create policy migration on nomenclature.person_informed for all to relais_migrator using (true) with check (true);
update nomenclature.person_informed set told_before = true where code = 'informed_before';
update nomenclature.person_informed set told_before = false where code = 'informed_after';
update nomenclature.person_informed set told_before = false where code = 'not_informed_child_interest';
update nomenclature.person_informed set told_before = false where code = 'not_informed_danger';
drop policy migration on nomenclature.person_informed;
alter table nomenclature.person_informed
    alter column told_before set not null;
comment on column nomenclature.person_informed.told_before is 'Vrai si la personne l’a été avant la transmission.';
