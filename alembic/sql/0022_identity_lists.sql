-- Les listes de l'identité : qui a autorité sur un poste, pourquoi il change de mains, pourquoi on y remplace.
-- Rendu par « python -m app.nomenclature.render » pour ces listes, puis figé.

create table nomenclature.functional_authority (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint functional_authority_has_one_row_per_code primary key (code),
    constraint functional_authority_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint functional_authority_label_says_something check (btrim(label) <> ''),
    constraint functional_authority_parent_stands_in_the_list foreign key (parent_code) references nomenclature.functional_authority (code),
    constraint functional_authority_is_not_its_own_parent check (parent_code <> code),
    constraint functional_authority_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.functional_authority is 'Autorité fonctionnelle. Qui a l’autorité fonctionnelle sur le poste. L’employeur garde l’autorité hiérarchique.';
comment on column nomenclature.functional_authority.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.functional_authority.label is 'Libellé officiel, en français.';
comment on column nomenclature.functional_authority.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.functional_authority.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.functional_authority.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.functional_authority.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.functional_authority.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.functional_authority.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.functional_authority
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('ddsp', 'Direction départementale de la sécurité publique', null, 10, '2026-01-01', null, null, 'F S50'),
    ('police_prefecture', 'Préfecture de police', null, 20, '2026-01-01', null, null, 'inferred'),
    ('gendarmerie_group', 'Groupement de gendarmerie départementale', null, 30, '2026-01-01', null, null, 'F S50'),
    ('gendarmerie_company', 'Compagnie de gendarmerie départementale', null, 40, '2026-01-01', null, null, 'F S50'),
    ('mixed', 'Police et gendarmerie ensemble', null, 50, '2026-01-01', null, null, 'inferred'),
    ('other', 'Autre autorité', null, 60, '2026-01-01', null, null, 'inferred');

create table nomenclature.handover_motive (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint handover_motive_has_one_row_per_code primary key (code),
    constraint handover_motive_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint handover_motive_label_says_something check (btrim(label) <> ''),
    constraint handover_motive_parent_stands_in_the_list foreign key (parent_code) references nomenclature.handover_motive (code),
    constraint handover_motive_is_not_its_own_parent check (parent_code <> code),
    constraint handover_motive_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.handover_motive is 'Motif de la passation. Pourquoi un poste change de mains. Liste propre à Relais.';
comment on column nomenclature.handover_motive.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.handover_motive.label is 'Libellé officiel, en français.';
comment on column nomenclature.handover_motive.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.handover_motive.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.handover_motive.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.handover_motive.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.handover_motive.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.handover_motive.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.handover_motive
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('end_of_contract', 'Fin de contrat ou de mise à disposition', null, 10, '2026-01-01', null, null, 'F S19'),
    ('mobility', 'Mutation ou changement de poste', null, 20, '2026-01-01', null, null, 'inferred'),
    ('resignation', 'Démission', null, 30, '2026-01-01', null, null, 'inferred'),
    ('retirement', 'Départ à la retraite', null, 40, '2026-01-01', null, null, 'inferred'),
    ('long_leave', 'Congé long', null, 50, '2026-01-01', null, null, 'inferred'),
    ('reorganisation', 'Réorganisation du poste ou du territoire', null, 60, '2026-01-01', null, null, 'inferred'),
    ('other', 'Autre motif', null, 70, '2026-01-01', null, null, 'inferred');

create table nomenclature.replacement_reason (
    code text not null,
    label text not null,
    parent_code text,
    sort_order integer not null,
    valid_from date not null,
    valid_to date,
    external_code text,
    basis text not null,
    constraint replacement_reason_has_one_row_per_code primary key (code),
    constraint replacement_reason_code_is_short_snake_case check (code ~ '^[a-z0-9_]{1,60}$'),
    constraint replacement_reason_label_says_something check (btrim(label) <> ''),
    constraint replacement_reason_parent_stands_in_the_list foreign key (parent_code) references nomenclature.replacement_reason (code),
    constraint replacement_reason_is_not_its_own_parent check (parent_code <> code),
    constraint replacement_reason_ends_after_it_starts check (valid_to >= valid_from)
);
comment on table nomenclature.replacement_reason is 'Motif du remplacement. Pourquoi un collègue remplace. Liste propre à Relais.';
comment on column nomenclature.replacement_reason.code is 'Code stable, en anglais, que portent les enregistrements.';
comment on column nomenclature.replacement_reason.label is 'Libellé officiel, en français.';
comment on column nomenclature.replacement_reason.parent_code is 'Code de niveau 1 auquel se rattache un code de niveau 2.';
comment on column nomenclature.replacement_reason.sort_order is 'Rang d’affichage dans la liste.';
comment on column nomenclature.replacement_reason.valid_from is 'Premier jour où le terme peut être employé.';
comment on column nomenclature.replacement_reason.valid_to is 'Dernier jour où le terme peut être employé, inclus. Vide tant qu’il est en usage.';
comment on column nomenclature.replacement_reason.external_code is 'Code correspondant dans la grille demandée localement, une fois connue.';
comment on column nomenclature.replacement_reason.basis is 'Source du terme. F pour la fiche de poste, S et un numéro pour une source publique, K à vérifier, inferred pour un choix de Relais.';
insert into nomenclature.replacement_reason
    (code, label, parent_code, sort_order, valid_from, valid_to, external_code, basis)
values
    ('annual_leave', 'Congés annuels', null, 10, '2026-01-01', null, null, 'inferred'),
    ('sick_leave', 'Arrêt de travail', null, 20, '2026-01-01', null, null, 'inferred'),
    ('family_leave', 'Congé parental ou familial', null, 30, '2026-01-01', null, null, 'inferred'),
    ('training', 'Formation', null, 40, '2026-01-01', null, null, 'inferred'),
    ('vacancy', 'Poste momentanément vacant', null, 50, '2026-01-01', null, null, 'S19'),
    ('other', 'Autre motif', null, 60, '2026-01-01', null, null, 'inferred');
