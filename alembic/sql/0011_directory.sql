-- Cercle « directory » : les partenaires et leurs services, lus par tous ceux qui se connectent.
-- Un refuge n'y a pas d'adresse : ce qui n'est pas gardé ne peut pas sortir (docs/decisions/0019).

create schema directory;
comment on schema directory is 'Annuaire : partenaires et services, lisibles de tous les comptes ; aucune personne accompagnée.';

create table directory.partner (
    id uuid primary key,
    name text not null,
    folded_name text not null,
    partner_category text not null references nomenclature.partner_category,
    description text,
    siret text,
    phone text,
    email text,
    website text,
    address_confidential boolean not null,
    departement_code text,
    commune_code text,
    municipality text,
    postcode text,
    street text,
    street_extra text,
    longitude double precision,
    latitude double precision,
    opening_hours text,
    accessibility_url text,
    networks text[] not null,
    source text not null,
    source_id text,
    source_url text,
    updated_on date not null,
    ended_on date,
    constraint partner_keeps_its_address_to_itself unique (id, address_confidential),
    constraint partner_has_a_name check (name <> ''),
    constraint partner_siret_has_14_digits check (siret ~ '^\d{14}$'),
    constraint partner_postcode_has_5_digits check (postcode ~ '^\d{5}$'),
    constraint partner_commune_is_coded check (commune_code ~ '^(\d{5}|2[AB]\d{3})$'),
    constraint partner_departement_is_coded check (departement_code ~ '^(\d{2}|2[AB]|97\d|98\d)$'),
    constraint partner_place_is_on_earth check (
        (longitude is null) = (latitude is null) and longitude between -180 and 180 and latitude between -90 and 90),
    constraint refuge_has_no_address check (
        not address_confidential
        or num_nonnulls(siret, commune_code, municipality, postcode, street, street_extra, longitude, latitude,
                        accessibility_url, website, source_id, source_url) = 0)
);
create index partner_by_name on directory.partner using gin (folded_name extensions.gin_trgm_ops);
create index partner_by_category on directory.partner (partner_category, departement_code);
comment on table directory.partner is 'Partenaire : organisme vers lequel on oriente (CCAS, association, hôpital…).';
comment on column directory.partner.id is 'Identifiant : UUIDv7, ou UUIDv5 de la source et de son identifiant pour une fiche importée.';
comment on column directory.partner.name is 'Nom d''usage.';
comment on column directory.partner.folded_name is 'Nom sans accent ni majuscule, pour chercher.';
comment on column directory.partner.partner_category is 'Catégorie (liste partner_category).';
comment on column directory.partner.description is 'Présentation.';
comment on column directory.partner.siret is 'SIRET de l''établissement ; jamais celui d''un refuge, qui mènerait à sa rue.';
comment on column directory.partner.phone is 'Téléphone, au format E.164.';
comment on column directory.partner.email is 'Adresse électronique de contact.';
comment on column directory.partner.website is 'Site public.';
comment on column directory.partner.address_confidential is 'Adresse tenue secrète (refuge) : rien de plus fin que le département n''est gardé.';
comment on column directory.partner.departement_code is 'Code INSEE du département.';
comment on column directory.partner.commune_code is 'Code INSEE de la commune.';
comment on column directory.partner.municipality is 'Nom de la commune.';
comment on column directory.partner.postcode is 'Code postal.';
comment on column directory.partner.street is 'Numéro et voie.';
comment on column directory.partner.street_extra is 'Complément d''adresse.';
comment on column directory.partner.longitude is 'Longitude, en degrés (WGS 84).';
comment on column directory.partner.latitude is 'Latitude, en degrés (WGS 84).';
comment on column directory.partner.opening_hours is 'Horaires, dans la syntaxe d''OpenStreetMap.';
comment on column directory.partner.accessibility_url is 'Fiche d''accessibilité du lieu.';
comment on column directory.partner.networks is 'Réseaux porteurs, vocabulaire data·inclusion.';
comment on column directory.partner.source is 'Producteur de la fiche (« relais » si elle est saisie ici).';
comment on column directory.partner.source_id is 'Identifiant chez le producteur ; vide pour un refuge et pour une fiche saisie ici.';
comment on column directory.partner.source_url is 'Page du producteur.';
comment on column directory.partner.updated_on is 'Jour de la dernière mise à jour.';
comment on column directory.partner.ended_on is 'Jour où le partenaire a cessé de recevoir ; vide tant qu''il reçoit.';

create table directory.service (
    id uuid primary key,
    partner_id uuid not null,
    address_confidential boolean not null,
    name text not null,
    description text not null,
    service_type text,
    needs text[] not null,
    thematics text[] not null,
    publics text[] not null,
    public_details text,
    conditions text,
    areas text[] not null,
    fees text,
    fees_details text,
    reception_modes text[] not null,
    reach_modes text[] not null,
    reached_by text[] not null,
    how_to_reach text,
    reach_url text,
    contact_name text,
    capacity_note text,
    capacity_on date,
    phone text,
    email text,
    departement_code text,
    commune_code text,
    municipality text,
    postcode text,
    street text,
    street_extra text,
    longitude double precision,
    latitude double precision,
    opening_hours text,
    weekly_hours double precision,
    duration_weeks integer,
    source text not null,
    source_id text,
    source_url text,
    updated_on date not null,
    ended_on date,
    constraint service_belongs_to_its_partner unique (partner_id, id),
    constraint service_is_of_a_partner foreign key (partner_id, address_confidential)
        references directory.partner (id, address_confidential) on update cascade,
    constraint service_has_a_name check (name <> ''),
    constraint service_area_has_a_code check (
        cardinality(areas) between 1 and 400
        and array_to_string(areas, ' ') ~ '^((commune:(\d{5}|2[AB]\d{3})|epci:\d{9}|departement:(\d{2}|2[AB]|97\d|98\d)|france)( |$))+$'),
    constraint service_postcode_has_5_digits check (postcode ~ '^\d{5}$'),
    constraint service_commune_is_coded check (commune_code ~ '^(\d{5}|2[AB]\d{3})$'),
    constraint service_departement_is_coded check (departement_code ~ '^(\d{2}|2[AB]|97\d|98\d)$'),
    constraint service_place_is_on_earth check (
        (longitude is null) = (latitude is null) and longitude between -180 and 180 and latitude between -90 and 90),
    constraint service_capacity_has_a_day check ((capacity_note is null) = (capacity_on is null)),
    constraint service_lasts_some_time check (weekly_hours >= 0 and duration_weeks >= 1),
    constraint service_of_a_refuge_has_no_address check (
        not address_confidential
        or (num_nonnulls(commune_code, municipality, postcode, street, street_extra, longitude, latitude,
                         reach_url, source_id, source_url) = 0
            and array_to_string(areas, ' ') !~ '(commune|epci):'))
);
create index service_of_partner on directory.service (partner_id, id);
-- La question de l'intervenant social en une lecture : ce besoin, sur ce territoire.
create index service_for_a_need_in_an_area on directory.service using gin (needs, areas) where ended_on is null;
comment on table directory.service is 'Ce qu''un partenaire offre : à quels besoins, à quels publics, où, quand et comment.';
comment on column directory.service.id is 'Identifiant : UUIDv7, ou UUIDv5 de la source et de son identifiant pour une fiche importée.';
comment on column directory.service.partner_id is 'Le partenaire.';
comment on column directory.service.address_confidential is 'Fait du partenaire, recopié : son adresse est secrète.';
comment on column directory.service.name is 'Nom du service.';
comment on column directory.service.description is 'Ce que l''on y trouve.';
comment on column directory.service.service_type is 'Nature (vocabulaire data·inclusion : accompagnement, aide matérielle…).';
comment on column directory.service.needs is 'Besoins auxquels il répond (codes de need_type).';
comment on column directory.service.thematics is 'Thématiques data·inclusion.';
comment on column directory.service.publics is 'Publics accueillis (codes de partner_public) ; vide : tous.';
comment on column directory.service.public_details is 'Précisions sur le public.';
comment on column directory.service.conditions is 'Conditions d''accès.';
comment on column directory.service.areas is 'Territoires : commune:CODE, epci:SIREN, departement:CODE ou france.';
comment on column directory.service.fees is 'Gratuit ou payant (vocabulaire data·inclusion).';
comment on column directory.service.fees_details is 'Précisions sur le prix.';
comment on column directory.service.reception_modes is 'Sur place ou à distance (vocabulaire data·inclusion).';
comment on column directory.service.reach_modes is 'Comment s''adresser au service (vocabulaire data·inclusion).';
comment on column directory.service.reached_by is 'Qui peut s''y adresser : la personne, un professionnel.';
comment on column directory.service.how_to_reach is 'Comment joindre le service, en clair.';
comment on column directory.service.reach_url is 'Page de prise de contact.';
comment on column directory.service.contact_name is 'Nom du professionnel à joindre.';
comment on column directory.service.capacity_note is 'Places, délai d''attente.';
comment on column directory.service.capacity_on is 'Jour de cette information.';
comment on column directory.service.phone is 'Téléphone, au format E.164.';
comment on column directory.service.email is 'Adresse électronique.';
comment on column directory.service.departement_code is 'Code INSEE du département.';
comment on column directory.service.commune_code is 'Code INSEE de la commune.';
comment on column directory.service.municipality is 'Nom de la commune.';
comment on column directory.service.postcode is 'Code postal.';
comment on column directory.service.street is 'Numéro et voie.';
comment on column directory.service.street_extra is 'Complément d''adresse.';
comment on column directory.service.longitude is 'Longitude, en degrés (WGS 84).';
comment on column directory.service.latitude is 'Latitude, en degrés (WGS 84).';
comment on column directory.service.opening_hours is 'Horaires, dans la syntaxe d''OpenStreetMap.';
comment on column directory.service.weekly_hours is 'Heures par semaine.';
comment on column directory.service.duration_weeks is 'Nombre de semaines.';
comment on column directory.service.source is 'Producteur de la fiche (« relais » si elle est saisie ici).';
comment on column directory.service.source_id is 'Identifiant chez le producteur ; vide pour un refuge et pour une fiche saisie ici.';
comment on column directory.service.source_url is 'Page du producteur.';
comment on column directory.service.updated_on is 'Jour de la dernière mise à jour.';
comment on column directory.service.ended_on is 'Jour où le service a cessé ; vide tant qu''il est offert.';

-- Une clé étrangère ne porte pas sur les éléments d'un tableau : ce déclencheur en tient lieu.
create function directory.check_service_codes() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from unnest(new.needs) as said (code)
                where not exists (select from nomenclature.need_type known where known.code = said.code)) then
        raise exception using errcode = '23514', constraint = 'service_codes_are_known', message = 'unknown need';
    end if;
    if exists (select from unnest(new.publics) as said (code)
                where not exists (select from nomenclature.partner_public known where known.code = said.code)) then
        raise exception using errcode = '23514', constraint = 'service_codes_are_known', message = 'unknown public';
    end if;
    return new;
end
$$;
comment on function directory.check_service_codes() is 'Refuse un besoin absent de need_type ou un public absent de partner_public.';
create trigger service_codes_are_known before insert or update of needs, publics on directory.service
    for each row execute function directory.check_service_codes();
