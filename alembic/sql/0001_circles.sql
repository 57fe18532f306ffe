-- Les cercles de divulgation : un schéma par cercle. L'appartenance d'une table à un cercle
-- se décide le jour de sa naissance ; une table est partagée ou secrète, jamais les deux.

create schema nomenclature;
create schema organisation;
create schema accounts;
create schema shared;
create schema social;
create schema confidential;
create schema audit;
create schema access;

comment on schema nomenclature is 'Listes officielles, datées, lisibles par tous.';
comment on schema organisation is 'Employeurs, unités, sites et postes : lisibles par tous, tenus par l''administrateur.';
comment on schema accounts is 'Comptes, sessions et affectations : administrateur et voie d''authentification.';
comment on schema shared is 'Ce que l''unité a envoyé et le code de retour : seul cercle que la police et la gendarmerie lisent.';
comment on schema social is 'Situations, personnes, besoins, interventions : le titulaire du poste seul.';
comment on schema confidential is 'Notes et coordonnées sûres, scellées : leur auteur, et qui il désigne.';
comment on schema audit is 'Traces des lectures et des actes, enchaînées ; seule entrée : access.trace.';
comment on schema access is 'Les quelques fonctions dont les règles de lignes se servent ; aucune donnée.';
