-- Cercle « confidential » : scellé par l'application ; la base ne voit que des octets.

create table confidential.person_key (
    id uuid primary key,
    post_id uuid not null,
    person_id uuid not null,
    sealing_key_id text not null,
    wrapped_key bytea not null,
    created_at timestamptz not null,
    constraint person_key_belongs_to_its_post unique (post_id, id),
    constraint person_has_one_key unique (post_id, person_id),
    constraint person_key_is_of_a_person_of_the_post foreign key (post_id, person_id) references social.person (post_id, id),
    constraint person_key_is_wrapped check (octet_length(wrapped_key) = 60)
);
comment on table confidential.person_key is 'Clé de chiffrement d''une personne, elle-même scellée ; la détruire efface ses notes.';
comment on column confidential.person_key.id is 'Identifiant (UUIDv7).';
comment on column confidential.person_key.post_id is 'Poste qui tient la fiche.';
comment on column confidential.person_key.person_id is 'La personne.';
comment on column confidential.person_key.sealing_key_id is 'Clé de scellement employée.';
comment on column confidential.person_key.wrapped_key is 'Clé scellée (nonce, chiffré, sceau).';
comment on column confidential.person_key.created_at is 'Création.';

create table confidential.note (
    id uuid primary key,
    post_id uuid not null,
    participation_id uuid not null,
    person_key_id uuid not null,
    author_id uuid not null references accounts.account,
    amends_note_id uuid,
    written_at timestamptz not null,
    sealed bytea not null,
    constraint note_belongs_to_its_post unique (post_id, id),
    constraint note_has_one_author unique (post_id, id, author_id),
    constraint note_belongs_to_its_participation unique (post_id, participation_id, author_id, id),
    constraint note_hangs_on_a_participation_of_the_post foreign key (post_id, participation_id) references social.participation (post_id, id),
    constraint note_is_sealed_with_a_key_of_the_post foreign key (post_id, person_key_id) references confidential.person_key (post_id, id),
    constraint note_amends_a_note_of_the_same_hand foreign key (post_id, participation_id, author_id, amends_note_id)
        references confidential.note (post_id, participation_id, author_id, id),
    constraint note_is_sealed check (octet_length(sealed) between 285 and 131101)
);
create index note_newest_first on confidential.note (post_id, participation_id, written_at desc, id desc);
comment on table confidential.note is 'Note confidentielle (secret professionnel, 226-13 CP). Ajoutée, amendée par une autre, jamais modifiée.';
comment on column confidential.note.id is 'Identifiant (UUIDv7).';
comment on column confidential.note.post_id is 'Poste de l''auteur.';
comment on column confidential.note.participation_id is 'Participation à laquelle la note se rattache.';
comment on column confidential.note.person_key_id is 'Clé de la personne.';
comment on column confidential.note.author_id is 'Auteur, seul lecteur sauf partage nommé.';
comment on column confidential.note.amends_note_id is 'Note que celle-ci complète ou corrige.';
comment on column confidential.note.written_at is 'Écriture.';
comment on column confidential.note.sealed is 'Texte scellé (AES-256-GCM), de longueur arrondie.';

create table confidential.note_share (
    id uuid primary key,
    post_id uuid not null,
    note_id uuid not null,
    shared_by uuid not null references accounts.account,
    shared_with uuid not null references accounts.account,
    shared_at timestamptz not null,
    ended_at timestamptz,
    constraint note_is_shared_by_its_author foreign key (post_id, note_id, shared_by) references confidential.note (post_id, id, author_id),
    constraint nobody_shares_with_oneself check (shared_by <> shared_with),
    constraint share_ends_after_it_begins check (ended_at >= shared_at)
);
create unique index note_is_shared_once_with_a_colleague on confidential.note_share (post_id, note_id, shared_with) where ended_at is null;
create index note_share_by_reader on confidential.note_share (shared_with) where ended_at is null;
comment on table confidential.note_share is 'Partage d''une note par son auteur avec une personne nommée.';
comment on column confidential.note_share.id is 'Identifiant (UUIDv7).';
comment on column confidential.note_share.post_id is 'Poste de la note.';
comment on column confidential.note_share.note_id is 'La note.';
comment on column confidential.note_share.shared_by is 'Auteur de la note.';
comment on column confidential.note_share.shared_with is 'Lecteur désigné.';
comment on column confidential.note_share.shared_at is 'Début.';
comment on column confidential.note_share.ended_at is 'Fin, décidée par l''auteur.';

create table confidential.safe_contact (
    participation_id uuid primary key,
    post_id uuid not null,
    person_key_id uuid not null,
    version integer not null,
    changed_by uuid not null references accounts.account,
    changed_at timestamptz not null,
    sealed bytea not null,
    constraint safe_contact_is_of_a_participation_of_the_post foreign key (post_id, participation_id) references social.participation (post_id, id),
    constraint safe_contact_is_sealed_with_a_key_of_the_post foreign key (post_id, person_key_id) references confidential.person_key (post_id, id),
    constraint safe_contact_version_counts_from_one check (version >= 1),
    constraint safe_contact_is_sealed check (octet_length(sealed) between 285 and 131101)
);
create index safe_contact_by_post on confidential.safe_contact (post_id, participation_id);
comment on table confidential.safe_contact is 'Comment joindre la personne sans la mettre en danger ; scellé.';
comment on column confidential.safe_contact.participation_id is 'La participation.';
comment on column confidential.safe_contact.post_id is 'Poste en charge.';
comment on column confidential.safe_contact.person_key_id is 'Clé de la personne.';
comment on column confidential.safe_contact.version is 'Version, liée au sceau.';
comment on column confidential.safe_contact.changed_by is 'Dernière main.';
comment on column confidential.safe_contact.changed_at is 'Dernier changement.';
comment on column confidential.safe_contact.sealed is 'Coordonnées scellées (AES-256-GCM).';

create table confidential.sealing_canary (
    sealing_key_id text primary key,
    wrapped_key bytea not null,
    proved_at timestamptz not null,
    constraint canary_is_wrapped check (octet_length(wrapped_key) = 60)
);
comment on table confidential.sealing_canary is 'Témoin de la clé de scellement : au démarrage, la clé doit l''ouvrir, sinon le service refuse de démarrer.';
comment on column confidential.sealing_canary.sealing_key_id is 'Clé de scellement.';
comment on column confidential.sealing_canary.wrapped_key is 'Octets connus, scellés.';
comment on column confidential.sealing_canary.proved_at is 'Première preuve.';

-- Cercle « audit » : des traces en chaîne, une chaîne par périmètre et par voie. Aucune voie n'y entre.

create table audit.head (
    perimeter_id uuid not null,
    lane text not null,
    seq bigint not null,
    hash bytea not null,
    primary key (perimeter_id, lane)
);
comment on table audit.head is 'Dernier maillon de chaque chaîne.';
comment on column audit.head.perimeter_id is 'Poste ou unité ; identifiant nul pour les actes sans périmètre ou sur plusieurs.';
comment on column audit.head.lane is 'Voie PostgreSQL.';
comment on column audit.head.seq is 'Rang du dernier maillon.';
comment on column audit.head.hash is 'Empreinte du dernier maillon.';

create table audit.trace (
    id uuid not null default gen_random_uuid(),
    perimeter_id uuid not null,
    lane text not null,
    seq bigint not null,
    at timestamptz not null,
    account_id uuid,
    session_id uuid,
    act text not null,
    subject_id uuid,
    row_count integer not null,
    outcome text not null,
    prev_hash bytea not null,
    hash bytea not null,
    primary key (perimeter_id, lane, seq),
    constraint trace_outcome_is_known check (outcome in ('done', 'refused', 'not_found', 'failed')),
    constraint trace_act_is_a_scope check (act ~ '^[a-z_]{1,40}:[a-z_]{1,20}$')
);
create index trace_by_account on audit.trace (account_id, at desc);
create index trace_newest_first on audit.trace (at desc, id desc);
comment on table audit.trace is 'Qui a lu ou fait quoi, quand : jamais un nom, un texte, un terme cherché (CNIL 2021-122).';
comment on column audit.trace.id is 'Identifiant, pour paginer.';
comment on column audit.trace.perimeter_id is 'Chaîne : poste ou unité.';
comment on column audit.trace.lane is 'Chaîne : voie PostgreSQL.';
comment on column audit.trace.seq is 'Rang dans la chaîne, sans trou.';
comment on column audit.trace.at is 'Instant.';
comment on column audit.trace.account_id is 'Auteur de l''acte.';
comment on column audit.trace.session_id is 'Empreinte de la session : relie ses actes, ne permet pas de la reprendre.';
comment on column audit.trace.act is 'Droit exercé (note:read, referral:add…).';
comment on column audit.trace.subject_id is 'Objet, par son seul identifiant.';
comment on column audit.trace.row_count is 'Nombre d''objets montrés ou changés.';
comment on column audit.trace.outcome is 'Fait, refusé, introuvable, échoué.';
comment on column audit.trace.prev_hash is 'Empreinte du maillon précédent.';
comment on column audit.trace.hash is 'Empreinte de ce maillon.';
