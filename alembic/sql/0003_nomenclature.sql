create table nomenclature.sex (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint sex_has_one_row_per_code primary key (code),
    constraint sex_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint sex_label_says_something check (btrim(label) <> ''),
    constraint sex_parent_stands_in_the_list foreign key (parent_code) references nomenclature.sex (code),
    constraint sex_is_not_its_own_parent check (parent_code <> code),
    constraint sex_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.sex is 'Sexe. Sexe de la personne, tel que les bilans publiés le comptent.';
comment on column nomenclature.sex.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.sex.label is 'Libellé officiel, en français.';
comment on column nomenclature.sex.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.sex.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.sex.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.sex.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.sex.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.sex.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.sex
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('female', 'Femme', null, 10, '2026-01-01', null, null, 'S25'),
    ('male', 'Homme', null, 20, '2026-01-01', null, null, 'S25'),
    ('not_recorded', 'Non renseigné', null, 30, '2026-01-01', null, null, 'inferred');

create table nomenclature.age_band (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    min_age integer,
    max_age integer,
    constraint age_band_has_one_row_per_code primary key (code),
    constraint age_band_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint age_band_label_says_something check (btrim(label) <> ''),
    constraint age_band_parent_stands_in_the_list foreign key (parent_code) references nomenclature.age_band (code),
    constraint age_band_is_not_its_own_parent check (parent_code <> code),
    constraint age_band_ends_after_it_starts check (valid_to >= valid_from),
    constraint age_band_min_age_is_not_negative check (min_age >= 0),
    constraint age_band_max_age_is_not_negative check (max_age >= 0)
);
comment on table nomenclature.age_band is 'Tranche d’âge. Âge à la date de la première intervention de la période, en années révolues.';
comment on column nomenclature.age_band.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.age_band.label is 'Libellé officiel, en français.';
comment on column nomenclature.age_band.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.age_band.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.age_band.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.age_band.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.age_band.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.age_band.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.age_band.min_age is 'Âge minimal de la tranche, en années révolues, inclus. Vide si l’âge est inconnu.';
comment on column nomenclature.age_band.max_age is 'Âge maximal de la tranche, en années révolues, inclus. Vide si la tranche n’a pas de limite.';
insert into nomenclature.age_band
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, min_age, max_age)
values
    ('0_5', '0 à 5 ans', null, 10, '2026-01-01', null, null, 'inferred', 0, 5),
    ('6_11', '6 à 11 ans', null, 20, '2026-01-01', null, null, 'inferred', 6, 11),
    ('12_14', '12 à 14 ans', null, 30, '2026-01-01', null, null, 'inferred', 12, 14),
    ('15_17', '15 à 17 ans', null, 40, '2026-01-01', null, null, 'inferred', 15, 17),
    ('18_24', '18 à 24 ans', null, 50, '2026-01-01', null, null, 'inferred', 18, 24),
    ('25_34', '25 à 34 ans', null, 60, '2026-01-01', null, null, 'inferred', 25, 34),
    ('35_44', '35 à 44 ans', null, 70, '2026-01-01', null, null, 'inferred', 35, 44),
    ('45_54', '45 à 54 ans', null, 80, '2026-01-01', null, null, 'inferred', 45, 54),
    ('55_64', '55 à 64 ans', null, 90, '2026-01-01', null, null, 'inferred', 55, 64),
    ('65_74', '65 à 74 ans', null, 100, '2026-01-01', null, null, 'inferred', 65, 74),
    ('75_plus', '75 ans et plus', null, 110, '2026-01-01', null, null, 'inferred', 75, null),
    ('unknown', 'Non renseigné', null, 120, '2026-01-01', null, null, 'inferred', null, null);

create table nomenclature.person_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint person_status_has_one_row_per_code primary key (code),
    constraint person_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint person_status_label_says_something check (btrim(label) <> ''),
    constraint person_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.person_status (code),
    constraint person_status_is_not_its_own_parent check (parent_code <> code),
    constraint person_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.person_status is 'Statut de la personne dans la situation. Statut porté par la participation, jamais par la personne, car il change d’une situation à l’autre.';
comment on column nomenclature.person_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.person_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.person_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.person_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.person_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.person_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.person_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.person_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.person_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('victim', 'Victime', null, 10, '2026-01-01', null, null, 'F'),
    ('alleged_perpetrator', 'Mis en cause', null, 20, '2026-01-01', null, null, 'F'),
    ('victim_and_alleged_perpetrator', 'Victime et mis en cause', null, 30, '2026-01-01', null, null, 'inferred'),
    ('person_in_social_distress', 'Personne en difficulté sociale (ni victime ni mis en cause)', null, 40, '2026-01-01', null, null, 'F S33'),
    ('exposed_child', 'Enfant exposé, co-victime', null, 50, '2026-01-01', null, null, 'inferred'),
    ('relative_of_victim', 'Proche de victime', null, 60, '2026-01-01', null, null, 'S37'),
    ('relative_of_alleged_perpetrator', 'Proche de mis en cause', null, 70, '2026-01-01', null, null, 'S37'),
    ('at_risk_of_victimisation', 'Personne en voie de victimisation', null, 80, '2026-01-01', null, null, 'S37'),
    ('involved_other', 'Impliqué (autre)', null, 90, '2026-01-01', null, null, 'S37'),
    ('witness', 'Témoin', null, 100, '2026-01-01', null, null, 'S34'),
    ('unknown', 'Non renseigné', null, 110, '2026-01-01', null, null, 'inferred');

create table nomenclature.referral_source (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    comes_from_unit boolean not null,
    comes_from_gendarmerie boolean not null,
    constraint referral_source_has_one_row_per_code primary key (code),
    constraint referral_source_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint referral_source_label_says_something check (btrim(label) <> ''),
    constraint referral_source_parent_stands_in_the_list foreign key (parent_code) references nomenclature.referral_source (code),
    constraint referral_source_is_not_its_own_parent check (parent_code <> code),
    constraint referral_source_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.referral_source is 'Origine de la saisine. Qui a fait connaître la situation à l’intervenant social.';
comment on column nomenclature.referral_source.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.referral_source.label is 'Libellé officiel, en français.';
comment on column nomenclature.referral_source.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.referral_source.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.referral_source.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.referral_source.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.referral_source.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.referral_source.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.referral_source.comes_from_unit is 'Vrai si la saisine vient d’un service de police ou d’une unité de gendarmerie.';
comment on column nomenclature.referral_source.comes_from_gendarmerie is 'Vrai si la saisine vient d’une unité de gendarmerie.';
insert into nomenclature.referral_source
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, comes_from_unit, comes_from_gendarmerie)
values
    ('police_unit', 'Service de police', null, 10, '2026-01-01', null, null, 'F S48', true, false),
    ('gendarmerie_unit', 'Unité de gendarmerie', null, 20, '2026-01-01', null, null, 'F S28', true, true),
    ('iscg_log_reading', 'Repérage par l’ISCG (main courante, comptes rendus)', null, 30, '2026-01-01', null, null, 'S48 S49', false, false),
    ('self_referral', 'Personne elle-même', null, 40, '2026-01-01', null, null, 'S29 S50', false, false),
    ('relative_or_third_party', 'Entourage ou tiers', null, 50, '2026-01-01', null, null, 'S50', false, false),
    ('departmental_social_service', 'Service social départemental', null, 60, '2026-01-01', null, null, 'S48', false, false),
    ('ccas_cias', 'CCAS ou CIAS', null, 70, '2026-01-01', null, null, 'S28', false, false),
    ('municipality_elected_official', 'Mairie ou élu', null, 80, '2026-01-01', null, null, 'S41', false, false),
    ('municipal_police', 'Police municipale', null, 90, '2026-01-01', null, null, 'S39', false, false),
    ('victim_support_association', 'Association d’aide aux victimes', null, 100, '2026-01-01', null, null, 'inferred', false, false),
    ('specialised_association', 'Association spécialisée (violences, CIDFF…)', null, 110, '2026-01-01', null, null, 'S50', false, false),
    ('health_service', 'Établissement ou professionnel de santé', null, 120, '2026-01-01', null, null, 'inferred', false, false),
    ('school', 'Éducation nationale', null, 130, '2026-01-01', null, null, 'inferred', false, false),
    ('justice', 'Justice (parquet, SPIP, PJJ, maison de justice et du droit)', null, 140, '2026-01-01', null, null, 'S48 S49', false, false),
    ('fire_rescue', 'Sapeurs-pompiers', null, 150, '2026-01-01', null, null, 'S40', false, false),
    ('other_iscg', 'Autre ISCG', null, 160, '2026-01-01', null, null, 'inferred', false, false),
    ('other', 'Autre', null, 170, '2026-01-01', null, null, 'inferred', false, false);

create table nomenclature.referral_document (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint referral_document_has_one_row_per_code primary key (code),
    constraint referral_document_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint referral_document_label_says_something check (btrim(label) <> ''),
    constraint referral_document_parent_stands_in_the_list foreign key (parent_code) references nomenclature.referral_document (code),
    constraint referral_document_is_not_its_own_parent check (parent_code <> code),
    constraint referral_document_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.referral_document is 'Document à l’origine de la saisine. Pièce ou circonstance qui accompagne la saisine, sans qualification pénale.';
comment on column nomenclature.referral_document.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.referral_document.label is 'Libellé officiel, en français.';
comment on column nomenclature.referral_document.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.referral_document.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.referral_document.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.referral_document.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.referral_document.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.referral_document.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.referral_document
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('complaint', 'Plainte', null, 10, '2026-01-01', null, null, 'S47 S51'),
    ('main_courante', 'Main courante', null, 20, '2026-01-01', null, null, 'S48 S51'),
    ('pv_renseignement', 'Procès-verbal de renseignement (judiciaire ou administratif)', null, 30, '2026-01-01', null, null, 'S51'),
    ('intervention_report', 'Compte rendu ou procès-verbal d’intervention', null, 40, '2026-01-01', null, null, 'S96'),
    ('custody', 'Garde à vue ou audition du mis en cause', null, 50, '2026-01-01', null, null, 'inferred'),
    ('front_desk', 'Accueil du commissariat ou de la brigade', null, 60, '2026-01-01', null, null, 'S43'),
    ('danger_grid', 'Grille d’évaluation du danger', null, 70, '2026-01-01', null, null, 'S52'),
    ('phone_call', 'Appel téléphonique', null, 80, '2026-01-01', null, null, 'inferred'),
    ('none', 'Sans document', null, 90, '2026-01-01', null, null, 'inferred');

create table nomenclature.problem_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    forbids_family_mediation boolean not null,
    constraint problem_type_has_one_row_per_code primary key (code),
    constraint problem_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint problem_type_label_says_something check (btrim(label) <> ''),
    constraint problem_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.problem_type (code),
    constraint problem_type_is_not_its_own_parent check (parent_code <> code),
    constraint problem_type_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.problem_type is 'Problématique. Nature de la situation sur deux niveaux, une principale et des secondaires possibles.';
comment on column nomenclature.problem_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.problem_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.problem_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.problem_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.problem_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.problem_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.problem_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.problem_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.problem_type.forbids_family_mediation is 'Vrai si la médiation familiale ne doit jamais être proposée, comme pour les violences au sein du couple.';
insert into nomenclature.problem_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, forbids_family_mediation)
values
    ('partner_violence', 'Violences au sein du couple', null, 100, '2026-01-01', null, null, 'S24 S39 S40', true),
    ('partner_violence_physical', 'Violences physiques au sein du couple', 'partner_violence', 110, '2026-01-01', null, null, 'S40', true),
    ('partner_violence_psychological', 'Violences psychologiques au sein du couple', 'partner_violence', 120, '2026-01-01', null, null, 'S40', true),
    ('partner_violence_sexual', 'Violences sexuelles au sein du couple', 'partner_violence', 130, '2026-01-01', null, null, 'S40', true),
    ('partner_violence_economic', 'Violences économiques au sein du couple', 'partner_violence', 140, '2026-01-01', null, null, 'inferred', true),
    ('partner_violence_digital', 'Violences numériques au sein du couple (cybercontrôle)', 'partner_violence', 150, '2026-01-01', null, null, 'inferred', true),
    ('partner_violence_ex_partner', 'Violences par un ancien conjoint, concubin ou partenaire de PACS', 'partner_violence', 160, '2026-01-01', null, null, 'inferred', true),
    ('family_violence_other', 'Autres violences intrafamiliales', null, 200, '2026-01-01', null, null, 'S31', false),
    ('family_violence_other_violence_on_ascendant', 'Violences sur ascendant', 'family_violence_other', 210, '2026-01-01', null, null, 'inferred', false),
    ('family_violence_other_violence_by_child', 'Violences exercées par un enfant ou un adolescent sur ses parents', 'family_violence_other', 220, '2026-01-01', null, null, 'inferred', false),
    ('family_violence_other_sibling_violence', 'Violences au sein de la fratrie', 'family_violence_other', 230, '2026-01-01', null, null, 'inferred', false),
    ('family_violence_other_forced_marriage', 'Mariage forcé', 'family_violence_other', 240, '2026-01-01', null, null, 'inferred', false),
    ('family_violence_other_fgm', 'Mutilations sexuelles féminines', 'family_violence_other', 250, '2026-01-01', null, null, 'inferred', false),
    ('sexual_violence', 'Violences sexuelles hors couple', null, 300, '2026-01-01', null, null, 'S25 S39 S40', false),
    ('partner_conflict', 'Différend de couple, séparation conflictuelle', null, 400, '2026-01-01', null, null, 'S39 S41', false),
    ('partner_conflict_separation_conflict', 'Séparation conflictuelle', 'partner_conflict', 410, '2026-01-01', null, null, 'S39 S41', false),
    ('partner_conflict_custody_access_dispute', 'Désaccord sur la résidence de l’enfant ou le droit de visite et d’hébergement', 'partner_conflict', 420, '2026-01-01', null, null, 'S41', false),
    ('partner_conflict_child_not_handed_over', 'Non-représentation d’enfant', 'partner_conflict', 430, '2026-01-01', null, null, 'S39', false),
    ('partner_conflict_left_home', 'Départ ou abandon du domicile', 'partner_conflict', 440, '2026-01-01', null, null, 'S39', false),
    ('family_conflict', 'Conflit familial ou intergénérationnel', null, 500, '2026-01-01', null, null, 'S37 S41', false),
    ('child_protection', 'Enfance en danger', null, 600, '2026-01-01', null, null, 'S28 S39 S40', false),
    ('child_protection_child_at_risk', 'Mineur en danger ou en risque de danger', 'child_protection', 610, '2026-01-01', null, null, 'S28 S37 S39', false),
    ('child_protection_child_abuse', 'Maltraitance d’un mineur', 'child_protection', 620, '2026-01-01', null, null, 'S33', false),
    ('child_protection_exposed_to_partner_violence', 'Mineur exposé aux violences au sein du couple', 'child_protection', 630, '2026-01-01', null, null, 'inferred', false),
    ('child_protection_educational_difficulty', 'Difficultés éducatives', 'child_protection', 640, '2026-01-01', null, null, 'S40 S41', false),
    ('child_protection_runaway', 'Fugue de mineur', 'child_protection', 650, '2026-01-01', null, null, 'S28 S39', false),
    ('child_protection_school_violence', 'Violences en milieu scolaire', 'child_protection', 660, '2026-01-01', null, null, 'S39', false),
    ('child_protection_at_risk_behaviour', 'Conduites à risque', 'child_protection', 670, '2026-01-01', null, null, 'S40', false),
    ('vulnerable_adult', 'Personne vulnérable', null, 700, '2026-01-01', null, null, 'S25 S40 S42', false),
    ('vulnerable_adult_elderly_vulnerable', 'Personne âgée vulnérable', 'vulnerable_adult', 710, '2026-01-01', null, null, 'inferred', false),
    ('vulnerable_adult_disability', 'Personne en situation de handicap', 'vulnerable_adult', 720, '2026-01-01', null, null, 'inferred', false),
    ('vulnerable_adult_abuse_of_weakness', 'Abus de faiblesse', 'vulnerable_adult', 730, '2026-01-01', null, null, 'inferred', false),
    ('vulnerable_adult_isolation', 'Isolement social', 'vulnerable_adult', 740, '2026-01-01', null, null, 'inferred', false),
    ('vulnerable_adult_abuse_of_trust', 'Abus de confiance', 'vulnerable_adult', 750, '2026-01-01', null, null, 'S40', false),
    ('mental_health', 'Santé mentale, souffrance psychique', null, 800, '2026-01-01', null, null, 'S33 S39 S44', false),
    ('mental_health_psychiatric_disorder', 'Troubles psychiatriques', 'mental_health', 810, '2026-01-01', null, null, 'S39', false),
    ('mental_health_suicide_attempt', 'Tentative de suicide', 'mental_health', 820, '2026-01-01', null, null, 'S39', false),
    ('mental_health_suicidal_risk', 'Risque suicidaire', 'mental_health', 830, '2026-01-01', null, null, 'inferred', false),
    ('mental_health_hoarding', 'Accumulation compulsive (syndrome de Diogène)', 'mental_health', 840, '2026-01-01', null, null, 'S44', false),
    ('addiction', 'Addictions', null, 900, '2026-01-01', null, null, 'S39 S41 S43', false),
    ('addiction_alcohol', 'Consommation problématique d’alcool', 'addiction', 910, '2026-01-01', null, null, 'S43', false),
    ('addiction_drugs', 'Usage de stupéfiants', 'addiction', 920, '2026-01-01', null, null, 'inferred', false),
    ('addiction_public_drunkenness', 'Ivresse publique et manifeste', 'addiction', 930, '2026-01-01', null, null, 'S39', false),
    ('neighbour_conflict', 'Conflit de voisinage', null, 1000, '2026-01-01', null, null, 'S25 S37', false),
    ('harassment', 'Harcèlement', null, 1100, '2026-01-01', null, null, 'S25 S40 S41', false),
    ('harassment_workplace', 'Harcèlement au travail', 'harassment', 1110, '2026-01-01', null, null, 'S25', false),
    ('harassment_school', 'Harcèlement scolaire', 'harassment', 1120, '2026-01-01', null, null, 'inferred', false),
    ('harassment_online', 'Cyberharcèlement', 'harassment', 1130, '2026-01-01', null, null, 'inferred', false),
    ('harassment_other', 'Autre harcèlement', 'harassment', 1140, '2026-01-01', null, null, 'S40 S41', false),
    ('housing', 'Logement, hébergement', null, 1200, '2026-01-01', null, null, 'S25 S37 S41 S43', false),
    ('housing_eviction', 'Expulsion locative', 'housing', 1210, '2026-01-01', null, null, 'S37 S43', false),
    ('housing_loss_of_accommodation', 'Perte de logement ou d’hébergement', 'housing', 1220, '2026-01-01', null, null, 'S37', false),
    ('housing_homelessness', 'Absence de domicile', 'housing', 1230, '2026-01-01', null, null, 'inferred', false),
    ('housing_unfit_housing', 'Logement indigne ou insalubre', 'housing', 1240, '2026-01-01', null, null, 'inferred', false),
    ('housing_urgent_rehousing', 'Relogement en urgence', 'housing', 1250, '2026-01-01', null, null, 'S25', false),
    ('economic_hardship', 'Difficultés financières, précarité', null, 1300, '2026-01-01', null, null, 'S33', false),
    ('economic_hardship_debt', 'Endettement ou surendettement', 'economic_hardship', 1310, '2026-01-01', null, null, 'inferred', false),
    ('economic_hardship_no_resources', 'Absence de ressources', 'economic_hardship', 1320, '2026-01-01', null, null, 'inferred', false),
    ('economic_hardship_access_to_rights', 'Rupture de droits ou non-recours aux prestations', 'economic_hardship', 1330, '2026-01-01', null, null, 'inferred', false),
    ('other_offence_victim', 'Victime d’une autre infraction', null, 1400, '2026-01-01', null, null, 'inferred', false),
    ('other_offence_victim_theft_burglary', 'Vol ou cambriolage', 'other_offence_victim', 1410, '2026-01-01', null, null, 'inferred', false),
    ('other_offence_victim_assault_outside_family', 'Agression hors du cadre familial', 'other_offence_victim', 1420, '2026-01-01', null, null, 'inferred', false),
    ('other_offence_victim_accident', 'Accident', 'other_offence_victim', 1430, '2026-01-01', null, null, 'inferred', false),
    ('other_offence_victim_fraud', 'Escroquerie', 'other_offence_victim', 1440, '2026-01-01', null, null, 'inferred', false),
    ('radicalisation_sect', 'Radicalisation, dérive sectaire', null, 1500, '2026-01-01', null, null, 'S7 S33 S39', false),
    ('bereavement_missing', 'Décès, disparition, annonce grave', null, 1600, '2026-01-01', null, null, 'inferred', false),
    ('administrative_status', 'Droit au séjour, accès aux droits', null, 1700, '2026-01-01', null, null, 'inferred', false),
    ('other', 'Autre', null, 1800, '2026-01-01', null, null, 'inferred', false);

create table nomenclature.need_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    mediates_between_parties boolean not null,
    constraint need_type_has_one_row_per_code primary key (code),
    constraint need_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint need_type_label_says_something check (btrim(label) <> ''),
    constraint need_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.need_type (code),
    constraint need_type_is_not_its_own_parent check (parent_code <> code),
    constraint need_type_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.need_type is 'Besoin social évalué. Besoin constaté par l’intervenant social au cours de l’évaluation.';
comment on column nomenclature.need_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.need_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.need_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.need_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.need_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.need_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.need_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.need_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.need_type.mediates_between_parties is 'Vrai si la réponse au besoin met les parties face à face, comme la médiation familiale.';
insert into nomenclature.need_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, mediates_between_parties)
values
    ('listening_support', 'Écoute et soutien', null, 10, '2026-01-01', null, null, 'F S4', false),
    ('information_rights', 'Information sur les droits', null, 20, '2026-01-01', null, null, 'F S4', false),
    ('information_procedure', 'Information sur la procédure', null, 30, '2026-01-01', null, null, 'S4', false),
    ('protection_safety', 'Protection, mise en sécurité', null, 40, '2026-01-01', null, null, 'S31', false),
    ('emergency_accommodation', 'Hébergement d’urgence', null, 50, '2026-01-01', null, null, 'S31', false),
    ('housing', 'Logement', null, 60, '2026-01-01', null, null, 'inferred', false),
    ('financial_aid', 'Aide financière', null, 70, '2026-01-01', null, null, 'inferred', false),
    ('food_aid', 'Aide alimentaire', null, 80, '2026-01-01', null, null, 'inferred', false),
    ('psychological_support', 'Soutien psychologique', null, 90, '2026-01-01', null, null, 'S31', false),
    ('medical_care', 'Soins', null, 100, '2026-01-01', null, null, 'inferred', false),
    ('addiction_care', 'Soins en addictologie', null, 110, '2026-01-01', null, null, 'inferred', false),
    ('parenting_support', 'Soutien à la parentalité', null, 120, '2026-01-01', null, null, 'inferred', false),
    ('child_protection', 'Protection de l’enfance', null, 130, '2026-01-01', null, null, 'inferred', false),
    ('family_mediation', 'Médiation familiale', null, 140, '2026-01-01', null, null, 'inferred', true),
    ('legal_support', 'Accès au droit, avocat', null, 150, '2026-01-01', null, null, 'inferred', false),
    ('adult_protection', 'Protection juridique des majeurs', null, 160, '2026-01-01', null, null, 'inferred', false),
    ('administrative_help', 'Démarches administratives', null, 170, '2026-01-01', null, null, 'S4', false),
    ('employment_training', 'Emploi, formation', null, 180, '2026-01-01', null, null, 'inferred', false),
    ('social_follow_up', 'Accompagnement social durable', null, 190, '2026-01-01', null, null, 'inferred', false),
    ('other', 'Autre', null, 200, '2026-01-01', null, null, 'inferred', false);

create table nomenclature.urgency (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    delay_working_hours integer,
    constraint urgency_has_one_row_per_code primary key (code),
    constraint urgency_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint urgency_label_says_something check (btrim(label) <> ''),
    constraint urgency_parent_stands_in_the_list foreign key (parent_code) references nomenclature.urgency (code),
    constraint urgency_is_not_its_own_parent check (parent_code <> code),
    constraint urgency_ends_after_it_starts check (valid_to >= valid_from),
    constraint urgency_delay_working_hours_is_not_negative check (delay_working_hours >= 0)
);
comment on table nomenclature.urgency is 'Degré d’urgence. Délai souhaité pour le premier contact, paramétrable faute de norme publiée.';
comment on column nomenclature.urgency.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.urgency.label is 'Libellé officiel, en français.';
comment on column nomenclature.urgency.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.urgency.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.urgency.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.urgency.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.urgency.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.urgency.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.urgency.delay_working_hours is 'Délai en heures des jours ouvrés, à raison de 24 heures par jour ouvré (48 heures font deux jours ouvrés). Vide sans délai.';
insert into nomenclature.urgency
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, delay_working_hours)
values
    ('immediate', 'Immédiat (le jour même)', null, 10, '2026-01-01', null, null, 'F', 8),
    ('urgent', 'Urgent (48 heures ouvrées)', null, 20, '2026-01-01', null, null, 'F', 48),
    ('standard', 'Sans urgence', null, 30, '2026-01-01', null, null, 'F', null);

create table nomenclature.intervention_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    counts_as_interview boolean not null,
    needs_home_visit_clearance boolean not null,
    may_lack_participation boolean not null,
    counts_as_contact_attempt boolean not null,
    constraint intervention_type_has_one_row_per_code primary key (code),
    constraint intervention_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint intervention_type_label_says_something check (btrim(label) <> ''),
    constraint intervention_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.intervention_type (code),
    constraint intervention_type_is_not_its_own_parent check (parent_code <> code),
    constraint intervention_type_ends_after_it_starts check (valid_to >= valid_from),
    constraint intervention_type_facts_travel_together unique (code, counts_as_interview, needs_home_visit_clearance, may_lack_participation)
);
comment on table nomenclature.intervention_type is 'Type d’intervention. Acte individuel de l’intervenant social, du repérage à l’écrit professionnel.';
comment on column nomenclature.intervention_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.intervention_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.intervention_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.intervention_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.intervention_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.intervention_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.intervention_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.intervention_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.intervention_type.counts_as_interview is 'Vrai si l’acte, une fois réalisé, compte comme un entretien.';
comment on column nomenclature.intervention_type.needs_home_visit_clearance is 'Vrai si l’acte exige l’information des services de sécurité et l’accord de l’employeur (fiche de poste, 6.1).';
comment on column nomenclature.intervention_type.may_lack_participation is 'Vrai si l’acte peut n’être rattaché à aucune personne, comme la lecture de la main courante.';
comment on column nomenclature.intervention_type.counts_as_contact_attempt is 'Vrai si l’acte est une tentative de joindre la personne, aboutie ou non.';
insert into nomenclature.intervention_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, counts_as_interview, needs_home_visit_clearance, may_lack_participation, counts_as_contact_attempt)
values
    ('office_interview', 'Entretien physique au service', null, 10, '2026-01-01', null, null, 'F', true, false, false, true),
    ('offsite_interview', 'Entretien physique sur un autre site (mairie, permanence)', null, 20, '2026-01-01', null, null, 'S30', true, false, false, true),
    ('phone_interview', 'Entretien téléphonique', null, 30, '2026-01-01', null, null, 'F S10', true, false, false, true),
    ('video_interview', 'Entretien en visioconférence', null, 40, '2026-01-01', null, null, 'S54', true, false, false, true),
    ('home_visit', 'Visite à domicile', null, 50, '2026-01-01', null, null, 'F', true, true, false, true),
    ('joint_visit_with_unit', 'Intervention conjointe avec l’unité', null, 60, '2026-01-01', null, null, 'inferred', true, false, false, true),
    ('accompaniment', 'Accompagnement physique (dépôt de plainte, UMJ, tribunal…)', null, 70, '2026-01-01', null, null, 'S4', true, false, false, true),
    ('contact_attempt', 'Tentative de contact', null, 80, '2026-01-01', null, null, 'S22', false, false, false, true),
    ('message_or_letter', 'Message, courrier d’information', null, 90, '2026-01-01', null, null, 'inferred', false, false, false, false),
    ('rights_procedure', 'Démarche administrative pour la personne', null, 100, '2026-01-01', null, null, 'S4', false, false, false, false),
    ('emergency_sheltering', 'Mise à l’abri', null, 110, '2026-01-01', null, null, 'S31', false, false, false, false),
    ('partner_liaison', 'Liaison avec un partenaire', null, 120, '2026-01-01', null, null, 'F', false, false, false, false),
    ('unit_liaison', 'Liaison avec les policiers ou les gendarmes', null, 130, '2026-01-01', null, null, 'F S49', false, false, false, false),
    ('case_meeting', 'Réunion sur une situation', null, 140, '2026-01-01', null, null, 'F', false, false, false, false),
    ('mediation', 'Acte de médiation sociale', null, 150, '2026-01-01', null, null, 'S48', true, false, false, true),
    ('safeguarding_report', 'Information préoccupante, signalement', null, 160, '2026-01-01', null, null, 'S71', false, false, false, false),
    ('written_report', 'Écrit professionnel', null, 170, '2026-01-01', null, null, 'inferred', false, false, false, false),
    ('log_reading', 'Exploitation de la main courante ou des comptes rendus', null, 180, '2026-01-01', null, null, 'S49', false, false, true, false);

create table nomenclature.collective_activity_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint collective_activity_type_has_one_row_per_code primary key (code),
    constraint collective_activity_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint collective_activity_type_label_says_something check (btrim(label) <> ''),
    constraint collective_activity_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.collective_activity_type (code),
    constraint collective_activity_type_is_not_its_own_parent check (parent_code <> code),
    constraint collective_activity_type_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.collective_activity_type is 'Type d’activité collective. Activité sans donnée nominative, comme les instances, les formations ou le travail en réseau.';
comment on column nomenclature.collective_activity_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.collective_activity_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.collective_activity_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.collective_activity_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.collective_activity_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.collective_activity_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.collective_activity_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.collective_activity_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.collective_activity_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('training_for_officers', 'Formation ou sensibilisation des policiers et des gendarmes', null, 10, '2026-01-01', null, null, 'inferred'),
    ('technical_body', 'Instance technique locale (CLSPD, EVVI, comité VIF)', null, 20, '2026-01-01', null, null, 'F'),
    ('partnership_meeting', 'Rencontre partenariale', null, 30, '2026-01-01', null, null, 'F'),
    ('public_information', 'Information du public', null, 40, '2026-01-01', null, null, 'inferred'),
    ('professional_network', 'Réseau professionnel (ANISCG)', null, 50, '2026-01-01', null, null, 'F S6'),
    ('supervision', 'Supervision, analyse des pratiques', null, 60, '2026-01-01', null, null, 'inferred'),
    ('administrative_work', 'Travail administratif', null, 70, '2026-01-01', null, null, 'inferred');

create table nomenclature.intervention_outcome (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    was_held boolean not null,
    constraint intervention_outcome_has_one_row_per_code primary key (code),
    constraint intervention_outcome_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint intervention_outcome_label_says_something check (btrim(label) <> ''),
    constraint intervention_outcome_parent_stands_in_the_list foreign key (parent_code) references nomenclature.intervention_outcome (code),
    constraint intervention_outcome_is_not_its_own_parent check (parent_code <> code),
    constraint intervention_outcome_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.intervention_outcome is 'Issue de l’intervention. Ce qu’il est advenu de l’acte prévu.';
comment on column nomenclature.intervention_outcome.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.intervention_outcome.label is 'Libellé officiel, en français.';
comment on column nomenclature.intervention_outcome.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.intervention_outcome.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.intervention_outcome.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.intervention_outcome.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.intervention_outcome.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.intervention_outcome.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.intervention_outcome.was_held is 'Vrai si l’acte a réellement eu lieu. Un rendez-vous manqué n’est pas un entretien.';
insert into nomenclature.intervention_outcome
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, was_held)
values
    ('held', 'Réalisée', null, 10, '2026-01-01', null, null, 'inferred', true),
    ('missed', 'Rendez-vous manqué', null, 20, '2026-01-01', null, null, 'inferred', false),
    ('cancelled', 'Annulée', null, 30, '2026-01-01', null, null, 'inferred', false),
    ('no_answer', 'Sans réponse', null, 40, '2026-01-01', null, null, 'inferred', false),
    ('refused', 'Refusée par la personne', null, 50, '2026-01-01', null, null, 'inferred', false);

create table nomenclature.channel (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint channel_has_one_row_per_code primary key (code),
    constraint channel_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint channel_label_says_something check (btrim(label) <> ''),
    constraint channel_parent_stands_in_the_list foreign key (parent_code) references nomenclature.channel (code),
    constraint channel_is_not_its_own_parent check (parent_code <> code),
    constraint channel_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.channel is 'Mode de l’intervention. Par quel moyen l’intervention a eu lieu.';
comment on column nomenclature.channel.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.channel.label is 'Libellé officiel, en français.';
comment on column nomenclature.channel.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.channel.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.channel.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.channel.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.channel.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.channel.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.channel
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('on_site', 'Sur place', null, 10, '2026-01-01', null, null, 'F'),
    ('phone', 'Téléphone', null, 20, '2026-01-01', null, null, 'F S10'),
    ('video', 'Visioconférence', null, 30, '2026-01-01', null, null, 'S54'),
    ('home', 'Domicile', null, 40, '2026-01-01', null, null, 'F'),
    ('written', 'Écrit (courrier, message)', null, 50, '2026-01-01', null, null, 'inferred');

create table nomenclature.partner_category (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint partner_category_has_one_row_per_code primary key (code),
    constraint partner_category_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint partner_category_label_says_something check (btrim(label) <> ''),
    constraint partner_category_parent_stands_in_the_list foreign key (parent_code) references nomenclature.partner_category (code),
    constraint partner_category_is_not_its_own_parent check (parent_code <> code),
    constraint partner_category_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.partner_category is 'Catégorie de partenaire. Service de droit commun ou spécialisé vers lequel une personne est orientée.';
comment on column nomenclature.partner_category.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.partner_category.label is 'Libellé officiel, en français.';
comment on column nomenclature.partner_category.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.partner_category.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.partner_category.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.partner_category.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.partner_category.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.partner_category.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.partner_category
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('departmental_social_service', 'Service social départemental ou de secteur', null, 10, '2026-01-01', null, null, 'F S26'),
    ('ccas_cias', 'CCAS ou CIAS', null, 20, '2026-01-01', null, null, 'S28'),
    ('child_protection_crip', 'CRIP, aide sociale à l’enfance', null, 30, '2026-01-01', null, null, 'S71'),
    ('pmi', 'Protection maternelle et infantile (PMI)', null, 40, '2026-01-01', null, null, 'inferred'),
    ('victim_support', 'Association d’aide aux victimes (France Victimes)', null, 50, '2026-01-01', null, null, 'S9 S15'),
    ('womens_rights_cidff', 'CIDFF', null, 60, '2026-01-01', null, null, 'S9 S50'),
    ('violence_specialised', 'Association spécialisée dans les violences (dont le 3919)', null, 70, '2026-01-01', null, null, 'S44'),
    ('perpetrator_programme', 'Prise en charge des auteurs (CPCA)', null, 80, '2026-01-01', null, null, 'inferred'),
    ('siao_115', 'SIAO, 115', null, 90, '2026-01-01', null, null, 'inferred'),
    ('emergency_shelter', 'Hébergement d’urgence, CHRS', null, 100, '2026-01-01', null, null, 'S31'),
    ('social_landlord', 'Bailleur social', null, 110, '2026-01-01', null, null, 'S28'),
    ('hospital_emergency_umj', 'Hôpital, urgences, UMJ', null, 120, '2026-01-01', null, null, 'inferred'),
    ('mental_health_service', 'CMP, psychiatrie', null, 130, '2026-01-01', null, null, 'inferred'),
    ('addiction_service', 'CSAPA, CAARUD', null, 140, '2026-01-01', null, null, 'inferred'),
    ('general_practitioner', 'Médecin traitant', null, 150, '2026-01-01', null, null, 'inferred'),
    ('psychologist', 'Psychologue', null, 160, '2026-01-01', null, null, 'S31'),
    ('access_to_law', 'Point-justice, maison de justice et du droit, avocat', null, 170, '2026-01-01', null, null, 'S48'),
    ('prosecutor', 'Procureur de la République', null, 180, '2026-01-01', null, null, 'S49'),
    ('family_judge_court', 'Juge aux affaires familiales, tribunal', null, 190, '2026-01-01', null, null, 'S43'),
    ('pjj_spip', 'PJJ, SPIP', null, 200, '2026-01-01', null, null, 'inferred'),
    ('adult_protection_service', 'Protection juridique des majeurs', null, 210, '2026-01-01', null, null, 'inferred'),
    ('elderly_service', 'CLIC, services aux personnes âgées', null, 220, '2026-01-01', null, null, 'inferred'),
    ('disability_mdph', 'MDPH', null, 230, '2026-01-01', null, null, 'inferred'),
    ('caf_msa', 'CAF, MSA', null, 240, '2026-01-01', null, null, 'inferred S30'),
    ('mission_locale_employment', 'Mission locale, France Travail', null, 250, '2026-01-01', null, null, 'S28'),
    ('school_social_service', 'Éducation nationale', null, 260, '2026-01-01', null, null, 'inferred'),
    ('family_mediation_space', 'Médiation familiale, espace de rencontre', null, 270, '2026-01-01', null, null, 'inferred'),
    ('food_material_aid', 'Aide alimentaire ou matérielle', null, 280, '2026-01-01', null, null, 'inferred'),
    ('foreigners_rights', 'Association d’aide aux étrangers', null, 290, '2026-01-01', null, null, 'inferred'),
    ('police_gendarmerie', 'Policiers, gendarmes (dépôt de plainte)', null, 300, '2026-01-01', null, null, 'S47'),
    ('other_iscg', 'Autre ISCG', null, 310, '2026-01-01', null, null, 'inferred'),
    ('other', 'Autre', null, 320, '2026-01-01', null, null, 'inferred');

create table nomenclature.orientation_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint orientation_status_has_one_row_per_code primary key (code),
    constraint orientation_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint orientation_status_label_says_something check (btrim(label) <> ''),
    constraint orientation_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.orientation_status (code),
    constraint orientation_status_is_not_its_own_parent check (parent_code <> code),
    constraint orientation_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.orientation_status is 'État de l’orientation. Où en est l’orientation, de la proposition à la prise en charge par le partenaire.';
comment on column nomenclature.orientation_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.orientation_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.orientation_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.orientation_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.orientation_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.orientation_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.orientation_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.orientation_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.orientation_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('proposed', 'Proposée', null, 10, '2026-01-01', null, null, 'inferred'),
    ('declined_by_person', 'Déclinée par la personne', null, 20, '2026-01-01', null, null, 'inferred'),
    ('agreed', 'Acceptée par la personne', null, 30, '2026-01-01', null, null, 'inferred'),
    ('transmitted', 'Transmise au partenaire', null, 40, '2026-01-01', null, null, 'inferred'),
    ('acknowledged', 'Réception confirmée par le partenaire', null, 50, '2026-01-01', null, null, 'inferred'),
    ('taken_up', 'Prise en charge effective', null, 60, '2026-01-01', null, null, 'inferred'),
    ('refused_by_partner', 'Refusée par le partenaire', null, 70, '2026-01-01', null, null, 'inferred'),
    ('no_feedback', 'Sans retour du partenaire', null, 80, '2026-01-01', null, null, 'inferred'),
    ('self_referred_by_person', 'Démarche faite par la personne elle-même', null, 90, '2026-01-01', null, null, 'inferred');

create table nomenclature.closure_reason (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    relay_succeeded boolean not null,
    constraint closure_reason_has_one_row_per_code primary key (code),
    constraint closure_reason_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint closure_reason_label_says_something check (btrim(label) <> ''),
    constraint closure_reason_parent_stands_in_the_list foreign key (parent_code) references nomenclature.closure_reason (code),
    constraint closure_reason_is_not_its_own_parent check (parent_code <> code),
    constraint closure_reason_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.closure_reason is 'Motif de clôture. Pourquoi la situation est close.';
comment on column nomenclature.closure_reason.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.closure_reason.label is 'Libellé officiel, en français.';
comment on column nomenclature.closure_reason.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.closure_reason.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.closure_reason.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.closure_reason.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.closure_reason.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.closure_reason.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.closure_reason.relay_succeeded is 'Vrai si un service de droit commun ou spécialisé a effectivement pris le relais.';
insert into nomenclature.closure_reason
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, relay_succeeded)
values
    ('relay_effective', 'Relais effectif', null, 10, '2026-01-01', null, null, 'S48', true),
    ('need_met', 'Besoin satisfait', null, 20, '2026-01-01', null, null, 'inferred', false),
    ('information_only', 'Information seule', null, 30, '2026-01-01', null, null, 'inferred', false),
    ('declined_by_person', 'Refus de la personne', null, 40, '2026-01-01', null, null, 'S22 S39', false),
    ('unreachable', 'Personne injoignable', null, 50, '2026-01-01', null, null, 'inferred', false),
    ('out_of_scope', 'Hors du champ d’intervention', null, 60, '2026-01-01', null, null, 'inferred', false),
    ('redirected_other_iscg', 'Réorientation vers un autre ISCG', null, 70, '2026-01-01', null, null, 'inferred', false),
    ('moved_away', 'Déménagement', null, 80, '2026-01-01', null, null, 'inferred', false),
    ('no_further_contact', 'Plus de nouvelles de la personne', null, 90, '2026-01-01', null, null, 'inferred', false),
    ('death', 'Décès', null, 100, '2026-01-01', null, null, 'inferred', false),
    ('duplicate_or_error', 'Doublon ou erreur de saisie', null, 110, '2026-01-01', null, null, 'inferred', false);

create table nomenclature.contact_consent (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    allows_contact boolean not null,
    constraint contact_consent_has_one_row_per_code primary key (code),
    constraint contact_consent_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint contact_consent_label_says_something check (btrim(label) <> ''),
    constraint contact_consent_parent_stands_in_the_list foreign key (parent_code) references nomenclature.contact_consent (code),
    constraint contact_consent_is_not_its_own_parent check (parent_code <> code),
    constraint contact_consent_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.contact_consent is 'Accord pour être contacté. Ce que la personne a dit, ou n’a pas été mise en mesure de dire, sur le fait d’être contactée.';
comment on column nomenclature.contact_consent.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.contact_consent.label is 'Libellé officiel, en français.';
comment on column nomenclature.contact_consent.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.contact_consent.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.contact_consent.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.contact_consent.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.contact_consent.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.contact_consent.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.contact_consent.allows_contact is 'Vrai si l’intervenant social peut prendre contact, la personne restant libre de ne pas répondre.';
insert into nomenclature.contact_consent
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, allows_contact)
values
    ('given_to_officer', 'Accord donné au policier ou au gendarme', null, 10, '2026-01-01', null, null, 'S39', true),
    ('given_to_iscg', 'Accord donné à l’ISCG', null, 20, '2026-01-01', null, null, 'inferred', true),
    ('refused', 'Refus', null, 30, '2026-01-01', null, null, 'S39', false),
    ('not_asked', 'Non demandé', null, 40, '2026-01-01', null, null, 'S22', true),
    ('unable_to_consent', 'Personne hors d’état de consentir', null, 50, '2026-01-01', null, null, 'inferred', true),
    ('withdrawn', 'Accord retiré', null, 60, '2026-01-01', null, null, 'inferred', false);

create table nomenclature.sharing_legal_basis (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint sharing_legal_basis_has_one_row_per_code primary key (code),
    constraint sharing_legal_basis_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint sharing_legal_basis_label_says_something check (btrim(label) <> ''),
    constraint sharing_legal_basis_parent_stands_in_the_list foreign key (parent_code) references nomenclature.sharing_legal_basis (code),
    constraint sharing_legal_basis_is_not_its_own_parent check (parent_code <> code),
    constraint sharing_legal_basis_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.sharing_legal_basis is 'Fondement légal de la transmission. Fondement de toute transmission nominative. Les 2° et 3° de l’article 226-14 du code pénal, réservés aux soignants, n’y figurent pas.';
comment on column nomenclature.sharing_legal_basis.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.sharing_legal_basis.label is 'Libellé officiel, en français.';
comment on column nomenclature.sharing_legal_basis.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.sharing_legal_basis.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.sharing_legal_basis.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.sharing_legal_basis.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.sharing_legal_basis.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.sharing_legal_basis.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.sharing_legal_basis
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('person_agreement', 'Accord de la personne', null, 10, '2026-01-01', null, null, 'inferred'),
    ('child_protection_l226_2_2', 'Partage entre professionnels de la protection de l’enfance (art. L. 226-2-2 du CASF)', null, 20, '2026-01-01', null, null, 'S70'),
    ('concerning_information_l226_2_1', 'Information préoccupante (art. L. 226-2-1 du CASF)', null, 30, '2026-01-01', null, null, 'S71'),
    ('minor_or_vulnerable_226_14_1', 'Privations ou sévices infligés à un mineur ou à une personne qui n’est pas en mesure de se protéger (art. 226-14, 1°, du code pénal)', null, 40, '2026-01-01', null, null, 'S65'),
    ('minor_l411_3', 'Mineur dont la santé, la sécurité, la moralité ou l’éducation est compromise, signalé par un assistant de service social (art. L. 411-3 du CASF)', null, 50, '2026-01-01', null, null, 'S61'),
    ('social_professionals_l121_6_2', 'Partage entre professionnels de l’action sociale (art. L. 121-6-2 du CASF)', null, 60, '2026-01-01', null, null, 'S72 S73'),
    ('judicial_requisition', 'Réquisition judiciaire (art. 60-1 et 77-1-1 du code de procédure pénale)', null, 70, '2026-01-01', null, null, 'S67'),
    ('peril_or_necessity', 'Personne en péril ou état de nécessité (art. 223-6 et 122-7 du code pénal)', null, 80, '2026-01-01', null, null, 'K'),
    ('public_agent_art_40', 'Crime ou délit connu d’un agent public dans ses fonctions (art. 40, al. 2, du code de procédure pénale)', null, 90, '2026-01-01', null, null, 'S66');

create table nomenclature.person_informed (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint person_informed_has_one_row_per_code primary key (code),
    constraint person_informed_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint person_informed_label_says_something check (btrim(label) <> ''),
    constraint person_informed_parent_stands_in_the_list foreign key (parent_code) references nomenclature.person_informed (code),
    constraint person_informed_is_not_its_own_parent check (parent_code <> code),
    constraint person_informed_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.person_informed is 'Information de la personne. La personne a-t-elle été informée de la transmission qui la concerne.';
comment on column nomenclature.person_informed.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.person_informed.label is 'Libellé officiel, en français.';
comment on column nomenclature.person_informed.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.person_informed.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.person_informed.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.person_informed.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.person_informed.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.person_informed.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.person_informed
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('informed_before', 'Informée avant la transmission', null, 10, '2026-01-01', null, null, 'S70 S71'),
    ('informed_after', 'Informée après la transmission', null, 20, '2026-01-01', null, null, 'inferred'),
    ('not_informed_child_interest', 'Non informée, dans l’intérêt de l’enfant', null, 30, '2026-01-01', null, null, 'S70 S71'),
    ('not_informed_danger', 'Non informée, en raison d’un danger', null, 40, '2026-01-01', null, null, 'inferred');

create table nomenclature.known_to_social_services (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint known_to_social_services_has_one_row_per_code primary key (code),
    constraint known_to_social_services_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint known_to_social_services_label_says_something check (btrim(label) <> ''),
    constraint known_to_social_services_parent_stands_in_the_list foreign key (parent_code) references nomenclature.known_to_social_services (code),
    constraint known_to_social_services_is_not_its_own_parent check (parent_code <> code),
    constraint known_to_social_services_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.known_to_social_services is 'Personne connue des services sociaux. La personne était-elle connue d’un service social, et pour quel motif.';
comment on column nomenclature.known_to_social_services.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.known_to_social_services.label is 'Libellé officiel, en français.';
comment on column nomenclature.known_to_social_services.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.known_to_social_services.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.known_to_social_services.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.known_to_social_services.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.known_to_social_services.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.known_to_social_services.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.known_to_social_services
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('unknown_to_services', 'Inconnue des services sociaux', null, 10, '2026-01-01', null, null, 'S7 S38'),
    ('known_other_reason', 'Connue pour un autre motif', null, 20, '2026-01-01', null, null, 'S7'),
    ('known_same_reason', 'Connue pour le même motif', null, 30, '2026-01-01', null, null, 'S7'),
    ('currently_followed', 'Suivie actuellement', null, 40, '2026-01-01', null, null, 'inferred'),
    ('not_recorded', 'Non renseigné', null, 50, '2026-01-01', null, null, 'inferred');

create table nomenclature.penal_context (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint penal_context_has_one_row_per_code primary key (code),
    constraint penal_context_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint penal_context_label_says_something check (btrim(label) <> ''),
    constraint penal_context_parent_stands_in_the_list foreign key (parent_code) references nomenclature.penal_context (code),
    constraint penal_context_is_not_its_own_parent check (parent_code <> code),
    constraint penal_context_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.penal_context is 'Champ pénal. La situation relève-t-elle ou non du champ pénal, sans qualification de l’infraction.';
comment on column nomenclature.penal_context.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.penal_context.label is 'Libellé officiel, en français.';
comment on column nomenclature.penal_context.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.penal_context.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.penal_context.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.penal_context.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.penal_context.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.penal_context.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.penal_context
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('penal', 'Dans le champ pénal', null, 10, '2026-01-01', null, null, 'S25'),
    ('non_penal', 'Hors du champ pénal', null, 20, '2026-01-01', null, null, 'S25'),
    ('unknown', 'Non renseigné', null, 30, '2026-01-01', null, null, 'inferred');

create table nomenclature.feedback_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    ends_follow_up boolean not null,
    constraint feedback_status_has_one_row_per_code primary key (code),
    constraint feedback_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint feedback_status_label_says_something check (btrim(label) <> ''),
    constraint feedback_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.feedback_status (code),
    constraint feedback_status_is_not_its_own_parent check (parent_code <> code),
    constraint feedback_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.feedback_status is 'Retour à l’unité. Réponse fermée, choisie par l’intervenant social, que l’unité peut lire.';
comment on column nomenclature.feedback_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.feedback_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.feedback_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.feedback_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.feedback_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.feedback_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.feedback_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.feedback_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.feedback_status.ends_follow_up is 'Vrai si ce retour dit à l’unité que l’intervention sociale est terminée.';
insert into nomenclature.feedback_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, ends_follow_up)
values
    ('received', 'Saisine reçue', null, 10, '2026-01-01', null, null, 'inferred', false),
    ('contact_attempted', 'Contact tenté', null, 20, '2026-01-01', null, null, 'inferred', false),
    ('contact_made', 'Contact établi', null, 30, '2026-01-01', null, null, 'inferred', false),
    ('declined', 'Suite non souhaitée par la personne', null, 40, '2026-01-01', null, null, 'inferred', true),
    ('closed', 'Intervention terminée', null, 50, '2026-01-01', null, null, 'inferred', true);

create table nomenclature.household_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint household_type_has_one_row_per_code primary key (code),
    constraint household_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint household_type_label_says_something check (btrim(label) <> ''),
    constraint household_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.household_type (code),
    constraint household_type_is_not_its_own_parent check (parent_code <> code),
    constraint household_type_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.household_type is 'Composition du ménage. Champ social facultatif, hors grille nationale.';
comment on column nomenclature.household_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.household_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.household_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.household_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.household_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.household_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.household_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.household_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.household_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('single', 'Personne seule', null, 10, '2026-01-01', null, null, 'inferred'),
    ('single_with_children', 'Personne seule avec enfant', null, 20, '2026-01-01', null, null, 'inferred'),
    ('couple', 'Couple sans enfant', null, 30, '2026-01-01', null, null, 'inferred'),
    ('couple_with_children', 'Couple avec enfant', null, 40, '2026-01-01', null, null, 'inferred'),
    ('extended_family', 'Famille élargie', null, 50, '2026-01-01', null, null, 'inferred'),
    ('institution', 'Établissement', null, 60, '2026-01-01', null, null, 'inferred'),
    ('homeless', 'Sans domicile', null, 70, '2026-01-01', null, null, 'inferred'),
    ('unknown', 'Non renseigné', null, 80, '2026-01-01', null, null, 'inferred');

create table nomenclature.housing_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint housing_status_has_one_row_per_code primary key (code),
    constraint housing_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint housing_status_label_says_something check (btrim(label) <> ''),
    constraint housing_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.housing_status (code),
    constraint housing_status_is_not_its_own_parent check (parent_code <> code),
    constraint housing_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.housing_status is 'Situation de logement. Champ social facultatif, hors grille nationale.';
comment on column nomenclature.housing_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.housing_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.housing_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.housing_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.housing_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.housing_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.housing_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.housing_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.housing_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('owner', 'Propriétaire', null, 10, '2026-01-01', null, null, 'inferred'),
    ('tenant_private', 'Locataire du parc privé', null, 20, '2026-01-01', null, null, 'inferred'),
    ('tenant_social', 'Locataire du parc social', null, 30, '2026-01-01', null, null, 'inferred'),
    ('hosted', 'Hébergé par un tiers', null, 40, '2026-01-01', null, null, 'inferred'),
    ('shelter', 'Centre d’hébergement', null, 50, '2026-01-01', null, null, 'inferred'),
    ('institution', 'Établissement', null, 60, '2026-01-01', null, null, 'inferred'),
    ('street', 'À la rue', null, 70, '2026-01-01', null, null, 'inferred'),
    ('unknown', 'Non renseigné', null, 80, '2026-01-01', null, null, 'inferred');

create table nomenclature.employment_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint employment_status_has_one_row_per_code primary key (code),
    constraint employment_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint employment_status_label_says_something check (btrim(label) <> ''),
    constraint employment_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.employment_status (code),
    constraint employment_status_is_not_its_own_parent check (parent_code <> code),
    constraint employment_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.employment_status is 'Situation d’emploi. Champ social facultatif, hors grille nationale.';
comment on column nomenclature.employment_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.employment_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.employment_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.employment_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.employment_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.employment_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.employment_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.employment_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.employment_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('employed', 'En emploi', null, 10, '2026-01-01', null, null, 'inferred'),
    ('unemployed', 'En recherche d’emploi', null, 20, '2026-01-01', null, null, 'inferred'),
    ('student', 'Élève, étudiant ou en formation', null, 30, '2026-01-01', null, null, 'inferred'),
    ('retired', 'Retraité', null, 40, '2026-01-01', null, null, 'inferred'),
    ('disability', 'En invalidité ou en incapacité de travailler', null, 50, '2026-01-01', null, null, 'inferred'),
    ('at_home', 'Au foyer', null, 60, '2026-01-01', null, null, 'inferred'),
    ('none', 'Sans activité', null, 70, '2026-01-01', null, null, 'inferred'),
    ('unknown', 'Non renseigné', null, 80, '2026-01-01', null, null, 'inferred');

create table nomenclature.site_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint site_type_has_one_row_per_code primary key (code),
    constraint site_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint site_type_label_says_something check (btrim(label) <> ''),
    constraint site_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.site_type (code),
    constraint site_type_is_not_its_own_parent check (parent_code <> code),
    constraint site_type_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.site_type is 'Type de site. Lieu où l’intervenant social reçoit.';
comment on column nomenclature.site_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.site_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.site_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.site_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.site_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.site_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.site_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.site_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.site_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('police_station', 'Commissariat de police', null, 10, '2026-01-01', null, null, 'S30'),
    ('gendarmerie_brigade', 'Brigade de gendarmerie', null, 20, '2026-01-01', null, null, 'S27 S30 S46'),
    ('gendarmerie_company', 'Compagnie de gendarmerie', null, 30, '2026-01-01', null, null, 'S27 S30 S46'),
    ('family_protection_house', 'Maison de protection des familles', null, 40, '2026-01-01', null, null, 'S27 S30 S46'),
    ('town_hall', 'Mairie', null, 50, '2026-01-01', null, null, 'S30'),
    ('social_service', 'Service social', null, 60, '2026-01-01', null, null, 'S27 S30 S46'),
    ('other', 'Autre lieu', null, 70, '2026-01-01', null, null, 'inferred');

create table nomenclature.zone (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    held_by_gendarmerie boolean not null,
    constraint zone_has_one_row_per_code primary key (code),
    constraint zone_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint zone_label_says_something check (btrim(label) <> ''),
    constraint zone_parent_stands_in_the_list foreign key (parent_code) references nomenclature.zone (code),
    constraint zone_is_not_its_own_parent check (parent_code <> code),
    constraint zone_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.zone is 'Zone de compétence. Zone police, zone gendarmerie ou les deux pour un poste mutualisé.';
comment on column nomenclature.zone.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.zone.label is 'Libellé officiel, en français.';
comment on column nomenclature.zone.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.zone.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.zone.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.zone.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.zone.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.zone.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.zone.held_by_gendarmerie is 'Vrai si la zone est tenue par la seule gendarmerie.';
insert into nomenclature.zone
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, held_by_gendarmerie)
values
    ('police', 'Zone police', null, 10, '2026-01-01', null, null, 'S11', false),
    ('gendarmerie', 'Zone gendarmerie', null, 20, '2026-01-01', null, null, 'S11', true),
    ('mixed', 'Zone mixte', null, 30, '2026-01-01', null, null, 'S11', false);

create table nomenclature.employer_type (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint employer_type_has_one_row_per_code primary key (code),
    constraint employer_type_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint employer_type_label_says_something check (btrim(label) <> ''),
    constraint employer_type_parent_stands_in_the_list foreign key (parent_code) references nomenclature.employer_type (code),
    constraint employer_type_is_not_its_own_parent check (parent_code <> code),
    constraint employer_type_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.employer_type is 'Type d’employeur. Nature de l’employeur, qui garde l’autorité hiérarchique.';
comment on column nomenclature.employer_type.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.employer_type.label is 'Libellé officiel, en français.';
comment on column nomenclature.employer_type.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.employer_type.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.employer_type.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.employer_type.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.employer_type.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.employer_type.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.employer_type
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('departement', 'Département', null, 10, '2026-01-01', null, null, 'S11 S41'),
    ('commune_ccas', 'Commune ou CCAS', null, 20, '2026-01-01', null, null, 'S11 S41'),
    ('epci', 'Établissement public de coopération intercommunale (EPCI)', null, 30, '2026-01-01', null, null, 'S11 S41'),
    ('association', 'Association', null, 40, '2026-01-01', null, null, 'S11 S41'),
    ('other_public', 'Autre employeur public', null, 50, '2026-01-01', null, null, 'inferred');

create table nomenclature.funding_source (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint funding_source_has_one_row_per_code primary key (code),
    constraint funding_source_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint funding_source_label_says_something check (btrim(label) <> ''),
    constraint funding_source_parent_stands_in_the_list foreign key (parent_code) references nomenclature.funding_source (code),
    constraint funding_source_is_not_its_own_parent check (parent_code <> code),
    constraint funding_source_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.funding_source is 'Financeur. Qui finance le poste, en tout ou partie.';
comment on column nomenclature.funding_source.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.funding_source.label is 'Libellé officiel, en français.';
comment on column nomenclature.funding_source.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.funding_source.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.funding_source.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.funding_source.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.funding_source.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.funding_source.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.funding_source
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('state_fipd', 'État (FIPD)', null, 10, '2026-01-01', null, null, 'S30 S41 S56'),
    ('departement', 'Département', null, 20, '2026-01-01', null, null, 'S56'),
    ('commune', 'Commune', null, 30, '2026-01-01', null, null, 'S30'),
    ('epci', 'Intercommunalité (EPCI)', null, 40, '2026-01-01', null, null, 'S41'),
    ('caf', 'Caisse d’allocations familiales (CAF)', null, 50, '2026-01-01', null, null, 'S30'),
    ('employer_own', 'Fonds propres de l’employeur', null, 60, '2026-01-01', null, null, 'inferred'),
    ('other', 'Autre financeur', null, 70, '2026-01-01', null, null, 'inferred');

create table nomenclature.diploma (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint diploma_has_one_row_per_code primary key (code),
    constraint diploma_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint diploma_label_says_something check (btrim(label) <> ''),
    constraint diploma_parent_stands_in_the_list foreign key (parent_code) references nomenclature.diploma (code),
    constraint diploma_is_not_its_own_parent check (parent_code <> code),
    constraint diploma_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.diploma is 'Diplôme de travail social. Diplôme d’État exigé par la fiche de poste (4.1).';
comment on column nomenclature.diploma.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.diploma.label is 'Libellé officiel, en français.';
comment on column nomenclature.diploma.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.diploma.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.diploma.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.diploma.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.diploma.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.diploma.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.diploma
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('ass', 'Diplôme d’État d’assistant de service social (ASS)', null, 10, '2026-01-01', null, null, 'F'),
    ('educateur_specialise', 'Diplôme d’État d’éducateur spécialisé (ES)', null, 20, '2026-01-01', null, null, 'F'),
    ('cesf', 'Diplôme d’État de conseiller en économie sociale familiale (CESF)', null, 30, '2026-01-01', null, null, 'F'),
    ('other', 'Autre diplôme', null, 40, '2026-01-01', null, null, 'inferred');

create table nomenclature.secrecy_basis (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint secrecy_basis_has_one_row_per_code primary key (code),
    constraint secrecy_basis_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint secrecy_basis_label_says_something check (btrim(label) <> ''),
    constraint secrecy_basis_parent_stands_in_the_list foreign key (parent_code) references nomenclature.secrecy_basis (code),
    constraint secrecy_basis_is_not_its_own_parent check (parent_code <> code),
    constraint secrecy_basis_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.secrecy_basis is 'Fondement du secret professionnel. À quel titre l’intervenant social est tenu au secret.';
comment on column nomenclature.secrecy_basis.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.secrecy_basis.label is 'Libellé officiel, en français.';
comment on column nomenclature.secrecy_basis.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.secrecy_basis.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.secrecy_basis.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.secrecy_basis.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.secrecy_basis.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.secrecy_basis.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.secrecy_basis
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('by_profession', 'Secret par profession (assistant de service social, art. L. 411-3 du CASF)', null, 10, '2026-01-01', null, null, 'S61'),
    ('by_mission', 'Secret par mission ou par fonction (art. 226-13 du code pénal)', null, 20, '2026-01-01', null, null, 'S61 S62');

create table nomenclature.household_link (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint household_link_has_one_row_per_code primary key (code),
    constraint household_link_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint household_link_label_says_something check (btrim(label) <> ''),
    constraint household_link_parent_stands_in_the_list foreign key (parent_code) references nomenclature.household_link (code),
    constraint household_link_is_not_its_own_parent check (parent_code <> code),
    constraint household_link_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.household_link is 'Lien au sein du foyer. Lien entre deux personnes d’un même foyer. Liste propre à Relais.';
comment on column nomenclature.household_link.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.household_link.label is 'Libellé officiel, en français.';
comment on column nomenclature.household_link.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.household_link.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.household_link.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.household_link.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.household_link.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.household_link.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.household_link
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('partner', 'Conjoint, concubin ou partenaire de PACS', null, 10, '2026-01-01', null, null, 'inferred'),
    ('ex_partner', 'Ancien conjoint, concubin ou partenaire de PACS', null, 20, '2026-01-01', null, null, 'inferred'),
    ('parent', 'Père ou mère', null, 30, '2026-01-01', null, null, 'inferred'),
    ('child', 'Enfant', null, 40, '2026-01-01', null, null, 'inferred'),
    ('sibling', 'Frère ou sœur', null, 50, '2026-01-01', null, null, 'inferred'),
    ('other_relative', 'Autre membre de la famille', null, 60, '2026-01-01', null, null, 'inferred'),
    ('guardian', 'Représentant légal (tuteur, curateur, mandataire)', null, 70, '2026-01-01', null, null, 'inferred'),
    ('housemate', 'Autre personne vivant au domicile', null, 80, '2026-01-01', null, null, 'inferred');

create table nomenclature.birth_date_precision (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint birth_date_precision_has_one_row_per_code primary key (code),
    constraint birth_date_precision_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint birth_date_precision_label_says_something check (btrim(label) <> ''),
    constraint birth_date_precision_parent_stands_in_the_list foreign key (parent_code) references nomenclature.birth_date_precision (code),
    constraint birth_date_precision_is_not_its_own_parent check (parent_code <> code),
    constraint birth_date_precision_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.birth_date_precision is 'Précision de la date de naissance. Ce que l’on sait réellement de la date de naissance saisie. Liste propre à Relais.';
comment on column nomenclature.birth_date_precision.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.birth_date_precision.label is 'Libellé officiel, en français.';
comment on column nomenclature.birth_date_precision.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.birth_date_precision.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.birth_date_precision.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.birth_date_precision.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.birth_date_precision.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.birth_date_precision.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.birth_date_precision
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('day', 'Jour, mois et année connus', null, 10, '2026-01-01', null, null, 'inferred'),
    ('month', 'Mois et année connus', null, 20, '2026-01-01', null, null, 'inferred'),
    ('year', 'Année connue', null, 30, '2026-01-01', null, null, 'inferred'),
    ('estimated', 'Année estimée', null, 40, '2026-01-01', null, null, 'inferred');

create table nomenclature.referral_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint referral_status_has_one_row_per_code primary key (code),
    constraint referral_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint referral_status_label_says_something check (btrim(label) <> ''),
    constraint referral_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.referral_status (code),
    constraint referral_status_is_not_its_own_parent check (parent_code <> code),
    constraint referral_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.referral_status is 'État de la saisine. Où en est la saisine, de l’envoi à la décision. Liste propre à Relais.';
comment on column nomenclature.referral_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.referral_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.referral_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.referral_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.referral_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.referral_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.referral_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.referral_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.referral_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('sent', 'Envoyée', null, 10, '2026-01-01', null, null, 'inferred'),
    ('received', 'Reçue', null, 20, '2026-01-01', null, null, 'inferred'),
    ('accepted', 'Acceptée', null, 30, '2026-01-01', null, null, 'inferred'),
    ('redirected', 'Réorientée', null, 40, '2026-01-01', null, null, 'inferred'),
    ('rejected_out_of_scope', 'Écartée, hors du champ d’intervention', null, 50, '2026-01-01', null, null, 'inferred'),
    ('withdrawn', 'Retirée par l’unité', null, 60, '2026-01-01', null, null, 'inferred');

create table nomenclature.referral_decision (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    opens_situation boolean not null,
    constraint referral_decision_has_one_row_per_code primary key (code),
    constraint referral_decision_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint referral_decision_label_says_something check (btrim(label) <> ''),
    constraint referral_decision_parent_stands_in_the_list foreign key (parent_code) references nomenclature.referral_decision (code),
    constraint referral_decision_is_not_its_own_parent check (parent_code <> code),
    constraint referral_decision_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.referral_decision is 'Décision sur la saisine. Ce que l’intervenant social décide d’une saisine reçue. Liste propre à Relais.';
comment on column nomenclature.referral_decision.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.referral_decision.label is 'Libellé officiel, en français.';
comment on column nomenclature.referral_decision.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.referral_decision.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.referral_decision.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.referral_decision.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.referral_decision.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.referral_decision.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
comment on column nomenclature.referral_decision.opens_situation is 'Vrai si la décision ouvre une situation.';
insert into nomenclature.referral_decision
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis, opens_situation)
values
    ('accepted', 'Accepter la saisine', null, 10, '2026-01-01', null, null, 'inferred', true),
    ('redirected', 'Réorienter la saisine', null, 20, '2026-01-01', null, null, 'inferred', false),
    ('rejected_out_of_scope', 'Écarter la saisine, hors du champ d’intervention', null, 30, '2026-01-01', null, null, 'inferred', false);

create table nomenclature.situation_status (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint situation_status_has_one_row_per_code primary key (code),
    constraint situation_status_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint situation_status_label_says_something check (btrim(label) <> ''),
    constraint situation_status_parent_stands_in_the_list foreign key (parent_code) references nomenclature.situation_status (code),
    constraint situation_status_is_not_its_own_parent check (parent_code <> code),
    constraint situation_status_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.situation_status is 'État de la situation. Où en est la situation, de l’ouverture à la clôture. Liste propre à Relais.';
comment on column nomenclature.situation_status.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.situation_status.label is 'Libellé officiel, en français.';
comment on column nomenclature.situation_status.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.situation_status.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.situation_status.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.situation_status.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.situation_status.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.situation_status.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.situation_status
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('open', 'Ouverte', null, 10, '2026-01-01', null, null, 'inferred'),
    ('contact_in_progress', 'Prise de contact en cours', null, 20, '2026-01-01', null, null, 'inferred'),
    ('active', 'Active', null, 30, '2026-01-01', null, null, 'inferred'),
    ('suspended', 'Suspendue', null, 40, '2026-01-01', null, null, 'inferred'),
    ('closed', 'Close', null, 50, '2026-01-01', null, null, 'inferred');
