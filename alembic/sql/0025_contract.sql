-- Le contrat pour ceux qui construisent dessus : une demande répétée ne se fait pas deux fois, une demande s'essaie sans
-- laisser de trace dans les fiches, chacun a sa part du service, et ce qui arrive se dit à qui pourrait le lire.

-- Les réponses rendues, pour qui redemande sous la même clé.

create table accounts.remembered_answer (
    account_id uuid not null references accounts.account,
    key bytea not null,
    route text not null,
    asked bytea not null,
    standing text not null,
    sealed bytea not null,
    answered_at timestamptz not null,
    primary key (account_id, key),
    constraint remembered_key_is_a_digest check (octet_length(key) = 32),
    constraint remembered_question_is_a_digest check (octet_length(asked) = 32),
    constraint remembered_route_is_a_template check (route ~ '^[A-Z]{3,6} /[a-z0-9/{}_-]{1,200}$')
);
create index remembered_answer_by_age on accounts.remembered_answer (answered_at);
comment on table accounts.remembered_answer is 'Réponses rendues depuis 24 h aux demandes d''écriture à clé (Idempotency-Key) : redites à leur auteur, jamais refaites.';
comment on column accounts.remembered_answer.account_id is 'Auteur de la demande, seul à qui la réponse se redit.';
comment on column accounts.remembered_answer.key is 'Empreinte à clé de la clé que le client a choisie.';
comment on column accounts.remembered_answer.route is 'Route demandée, sans valeur.';
comment on column accounts.remembered_answer.asked is 'Empreinte à clé de ce qui était demandé.';
comment on column accounts.remembered_answer.standing is 'Empreinte des postes, unités et organismes de l''auteur ce jour-là : s''ils changent, la réponse ne se redit plus.';
comment on column accounts.remembered_answer.sealed is 'La réponse, scellée sous une clé que ni la base seule, ni le service seul ne connaissent : il y faut celle du client.';
comment on column accounts.remembered_answer.answered_at is 'Instant de la première réponse ; oubliée après 24 h.';

create function access.standing() returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform access.me();
    return encode(sha256(convert_to(jsonb_build_array(
        session_user, access.held_posts(), access.my_posts(), access.my_units(), access.my_partners())::text, 'UTF8')), 'hex');
end
$$;
comment on function access.standing() is 'Empreinte de mes postes, unités et organismes d''aujourd''hui.';

create function access.recall(key bytea, route text, asked bytea, out state text, out sealed bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    patience text := current_setting('lock_timeout');
    known record;
begin
    delete from accounts.remembered_answer r where (r.account_id, r.key) in (
        select o.account_id, o.key from accounts.remembered_answer o
         where o.answered_at < clock_timestamp() - interval '25 hours' limit 100 for update skip locked);
    begin
        -- La même demande, en cours ailleurs : on l'attend un instant, et l'on n'attend pas davantage.
        perform set_config('lock_timeout', '100ms', true);
        insert into accounts.remembered_answer as r (account_id, key, route, asked, standing, sealed, answered_at)
        values (account, recall.key, recall.route, recall.asked, access.standing(), '', clock_timestamp())
        on conflict on constraint remembered_answer_pkey do update
           set route = excluded.route, asked = excluded.asked, standing = excluded.standing, sealed = '', answered_at = excluded.answered_at
         where r.answered_at <= clock_timestamp() - interval '24 hours';
        if found then
            state := 'new';
        end if;
        perform set_config('lock_timeout', patience, true);
    exception when lock_not_available then
        state := 'in_flight';
    end;
    if state is not null then
        return;
    end if;
    select * into known from accounts.remembered_answer r where r.account_id = account and r.key = recall.key;
    if known.asked <> recall.asked then
        state := 'reused';
    elsif known.standing <> access.standing() then
        state := 'outdated';
    elsif known.sealed = '' then
        -- Demandée, et laissée sans réponse : ni redite, ni refaite.
        state := 'in_flight';
    else
        state := 'known';
        sealed := known.sealed;
    end if;
end
$$;
comment on function access.recall(bytea, text, bytea) is 'Cette demande a-t-elle déjà reçu de moi sa réponse ? new, in_flight, reused (la clé d''une autre demande), outdated (mes droits ont changé), known.';

create function access.remember(key bytea, sealed bytea) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    update accounts.remembered_answer r set sealed = remember.sealed
     where r.account_id = account and r.key = remember.key and r.sealed = ''
       -- Posée dans cette transaction même.
       and r.answered_at >= transaction_timestamp();
    return found;
end
$$;
comment on function access.remember(bytea, bytea) is 'Garde la réponse d''une demande à clé, dans la transaction même de l''écriture ; faux si elle n''y fut pas demandée.';

-- La part de chacun, quand plusieurs processus servent : comptée ici, pour tous.

create unlogged table accounts.quota (
    key bytea primary key,
    spent integer not null,
    resets_at timestamptz not null,
    constraint quota_key_is_a_digest check (octet_length(key) = 32),
    constraint quota_counts_requests check (spent >= 0)
);
create index quota_by_age on accounts.quota (resets_at);
comment on table accounts.quota is 'Demandes de la fenêtre en cours, par appelant, sous des empreintes à clé ; perdues sans dommage à un arrêt brutal.';
comment on column accounts.quota.key is 'Empreinte à clé du compte ou de la provenance.';
comment on column accounts.quota.spent is 'Demandes comptées dans la fenêtre.';
comment on column accounts.quota.resets_at is 'Fin de la fenêtre.';

create function access.spend_quota(key bytea, cost integer, seconds integer, out spent integer, out resets_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    moment timestamptz := clock_timestamp();
begin
    insert into accounts.quota as q (key, spent, resets_at)
    values (spend_quota.key, least(greatest(cost, 0), 1000000), moment + least(greatest(seconds, 1), 86400) * interval '1 second')
    on conflict on constraint quota_pkey do update
       set spent = case when q.resets_at <= moment then excluded.spent else least(q.spent + excluded.spent, 1000000000) end,
           resets_at = case when q.resets_at <= moment then excluded.resets_at else q.resets_at end
    returning q.spent, q.resets_at into spend_quota.spent, spend_quota.resets_at;
    -- Son compte d'abord, puis les fenêtres finies depuis longtemps : deux appelants ne s'attendent jamais l'un l'autre.
    delete from accounts.quota q where q.key in (
        select o.key from accounts.quota o where o.resets_at < moment - interval '1 hour' limit 20 for update skip locked);
end
$$;
comment on function access.spend_quota(bytea, integer, integer) is 'Compte des demandes d''un appelant dans sa fenêtre ; dit combien il en a fait, et jusqu''à quand.';

-- Ce que j'ai consommé : mes traces, comptées par jour et par acte.

create function access.my_usage() returns table (day date, act text, outcome text, acts bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
begin
    return query
        select (t.at at time zone 'Europe/Paris')::date, t.act, t.outcome, count(*)
          from audit.trace t
         where t.account_id = account and t.at > clock_timestamp() - interval '31 days'
         group by 1, 2, 3
         order by 1 desc, 2, 3;
end
$$;
comment on function access.my_usage() is 'Mes actes tracés des 31 derniers jours, comptés par jour.';

-- Cercle « outbox » : ce qui est arrivé, à dire à qui s'y est abonné. Un type, un identifiant, une heure ; aucun contenu.

create schema outbox;
comment on schema outbox is 'Abonnements et notifications : chaque ligne est adressée à un seul poste ou à un seul organisme. La police n''y entre pas.';

create table outbox.webhook (
    id uuid primary key,
    account_id uuid not null references accounts.account,
    role text not null,
    post_id uuid references organisation.post,
    partner_id uuid references directory.partner,
    url text not null,
    event_types text[] not null,
    sealed_secret bytea not null,
    secret_digest bytea not null,
    previous_sealed bytea,
    previous_until timestamptz,
    created_at timestamptz not null,
    paused_at timestamptz,
    paused_because text,
    failing_since timestamptz,
    ended_at timestamptz,
    constraint webhook_is_of_one_organisation check (num_nonnulls(post_id, partner_id) = 1),
    constraint webhook_reads_as_its_own_role check (
        role = case when post_id is not null then 'social_worker' else 'partner' end),
    constraint webhook_url_is_a_short_web_address check (url ~ '^https?://[^[:space:]]+$' and length(url) <= 500),
    constraint webhook_names_its_events check (cardinality(event_types) between 1 and 20),
    constraint webhook_proof_is_a_digest check (octet_length(secret_digest) = 32),
    constraint webhook_secret_is_sealed check (octet_length(sealed_secret) between 50 and 300 and octet_length(previous_sealed) between 50 and 300),
    constraint webhook_previous_secret_has_an_end check ((previous_sealed is null) = (previous_until is null)),
    constraint webhook_pause_has_a_reason check ((paused_at is null) = (paused_because is null)),
    constraint webhook_pause_reason_is_known check (paused_because in ('asked', 'failing', 'gone', 'owner'))
);
create index webhook_of_post on outbox.webhook (post_id, created_at desc, id desc);
create index webhook_of_partner on outbox.webhook (partner_id, created_at desc, id desc);
comment on table outbox.webhook is 'Abonnement d''un poste ou d''un organisme ; il lit avec les yeux du compte qui le tient.';
comment on column outbox.webhook.id is 'Identifiant (UUIDv7).';
comment on column outbox.webhook.account_id is 'Compte qui le tient : rien ne se dit qu''il ne pourrait lire.';
comment on column outbox.webhook.role is 'Son rôle, donc la voie par où la notification se prépare.';
comment on column outbox.webhook.post_id is 'Poste abonné.';
comment on column outbox.webhook.partner_id is 'Organisme abonné.';
comment on column outbox.webhook.url is 'Adresse où notifier.';
comment on column outbox.webhook.event_types is 'Types d''événements demandés.';
comment on column outbox.webhook.sealed_secret is 'Secret de signature, scellé.';
comment on column outbox.webhook.secret_digest is 'Empreinte de la preuve qu''en donne qui livre.';
comment on column outbox.webhook.previous_sealed is 'Secret précédent, scellé, le temps que l''abonné change.';
comment on column outbox.webhook.previous_until is 'Fin de la validité du secret précédent.';
comment on column outbox.webhook.created_at is 'Création.';
comment on column outbox.webhook.paused_at is 'Mise en pause.';
comment on column outbox.webhook.paused_because is 'Motif : demandée, échecs répétés, adresse disparue (410), compte ou affectation finis.';
comment on column outbox.webhook.failing_since is 'Début des échecs sans réussite depuis.';
comment on column outbox.webhook.ended_at is 'Fin de l''abonnement.';

create table outbox.delivery (
    id uuid primary key,
    -- Sans clé étrangère : l'acte du poste attendrait qui tient la ligne de l'abonnement. Un abonnement ne s'efface pas.
    webhook_id uuid not null,
    post_id uuid,
    partner_id uuid,
    event_type text not null,
    subject_id uuid not null,
    happened_at timestamptz not null,
    state text not null default 'pending',
    attempts jsonb not null default '[]',
    tries integer not null default 0,
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    constraint delivery_is_for_one_organisation check (num_nonnulls(post_id, partner_id) = 1),
    constraint delivery_state_is_known check (state in ('pending', 'delivered', 'failed', 'withheld')),
    constraint delivery_waits_for_its_next_attempt check ((state = 'pending') = (next_attempt_at is not null)),
    constraint delivery_has_its_instant check ((state = 'delivered') = (delivered_at is not null)),
    constraint delivery_counts_its_tries check (tries >= 0),
    constraint delivery_attempts_are_a_short_list check (jsonb_typeof(attempts) = 'array' and pg_column_size(attempts) < 8192)
);
create index delivery_due on outbox.delivery (webhook_id, next_attempt_at) where state = 'pending';
create index delivery_of_webhook on outbox.delivery (webhook_id, happened_at desc, id desc);
create index delivery_by_age on outbox.delivery (happened_at);
comment on table outbox.delivery is 'Notification à livrer, ou livrée : écrite dans la transaction même de l''événement. Gardée trente jours.';
comment on column outbox.delivery.id is 'Identifiant, tiré au hasard ; le même à chaque essai (webhook-id).';
comment on column outbox.delivery.webhook_id is 'Abonnement.';
comment on column outbox.delivery.post_id is 'Poste de l''abonnement.';
comment on column outbox.delivery.partner_id is 'Organisme de l''abonnement.';
comment on column outbox.delivery.event_type is 'Ce qui est arrivé.';
comment on column outbox.delivery.subject_id is 'À quoi : l''abonné le relit par l''API, avec ses droits.';
comment on column outbox.delivery.happened_at is 'Quand.';
comment on column outbox.delivery.state is 'À livrer, livrée, abandonnée, retenue (l''abonné n''aurait plus le droit de lire).';
comment on column outbox.delivery.attempts is 'Essais : instant, statut HTTP ou raison de l''échec, durée. Jamais ce que le serveur a répondu.';
comment on column outbox.delivery.tries is 'Essais depuis la dernière demande d''envoi.';
comment on column outbox.delivery.next_attempt_at is 'Pas d''essai avant cet instant.';
comment on column outbox.delivery.delivered_at is 'Livraison.';

create function outbox.announce(kind text, subject uuid, posts uuid[], partners uuid[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into outbox.delivery (id, webhook_id, post_id, partner_id, event_type, subject_id, happened_at, next_attempt_at)
    select gen_random_uuid(), w.id, w.post_id, w.partner_id, kind, subject, clock_timestamp(), clock_timestamp()
      from (
        select o.id, o.post_id, o.partner_id, row_number() over (partition by o.post_id, o.partner_id order by o.id) as place
          from outbox.webhook o
         -- Dont le compte est parti n'entend plus, et ne prend la place de personne.
         where o.ended_at is null and o.paused_because is distinct from 'owner' and kind = any (o.event_types)
           and (o.post_id = any (posts) or o.partner_id = any (partners))) w
     -- Qui s'abonne sans fin ne ralentit pas l'acte de l'autre.
     where w.place <= 50;
end
$$;
comment on function outbox.announce(text, uuid, uuid[], uuid[]) is 'Écrit une notification à livrer par abonnement que l''événement concerne.';

create function outbox.tell_of_referral() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    today date := access.today();
    posts uuid[] := array(
        select s.post_id from organisation.post_unit s
         where s.unit_id = new.unit_id and s.starts_on <= today and coalesce(s.ends_on >= today, true));
begin
    if tg_op = 'INSERT' then
        perform outbox.announce('referral.sent', new.id, posts, null);
    elsif new.withdrawn_at is not null and old.withdrawn_at is null then
        perform outbox.announce('referral.withdrawn', new.id, posts, null);
    end if;
    return null;
end
$$;
comment on function outbox.tell_of_referral() is 'Une saisine est envoyée ou retirée : le poste l''apprend. L''unité relit ce qu''elle a envoyé ; rien ne la prévient.';
create trigger tell_of_referral after insert or update of withdrawn_at on shared.referral
    for each row execute function outbox.tell_of_referral();

create function outbox.tell_of_partner_referral() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        perform outbox.announce('partner_referral.sent', new.id, array[new.post_id], null);
    elsif new.withdrawn_at is not null and old.withdrawn_at is null then
        perform outbox.announce('partner_referral.withdrawn', new.id, array[new.post_id], null);
    elsif new.feedback_code is distinct from old.feedback_code then
        perform outbox.announce('partner_referral.answered', new.id, null, array[new.partner_id]);
    end if;
    return null;
end
$$;
comment on function outbox.tell_of_partner_referral() is 'Un partenaire adresse une personne, ou la retire : le poste l''apprend. Un retour : le partenaire l''apprend.';
create trigger tell_of_partner_referral after insert or update of withdrawn_at, feedback_code on exchange.referral
    for each row execute function outbox.tell_of_partner_referral();

create function outbox.tell_of_orientation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        perform outbox.announce('orientation.transmitted', new.id, null, array[new.partner_id]);
    elsif new.closed_at is not null and old.closed_at is null then
        perform outbox.announce('orientation.closed', new.id, null, array[new.partner_id]);
    elsif new.closed_at is not distinct from old.closed_at then
        perform outbox.announce('orientation.answered', new.id, array[new.post_id], null);
    end if;
    return null;
end
$$;
comment on function outbox.tell_of_orientation() is 'Une orientation est transmise ou close : le partenaire l''apprend. Il répond : le poste l''apprend.';
create trigger tell_of_orientation_sent after insert on exchange.orientation
    for each row execute function outbox.tell_of_orientation();
create trigger tell_of_orientation_answered after update on exchange.orientation
    for each row when (
        (old.acknowledged_at, old.taken_up_at, old.refused_at, old.outcome_code, old.closed_at)
        is distinct from (new.acknowledged_at, new.taken_up_at, new.refused_at, new.outcome_code, new.closed_at))
    execute function outbox.tell_of_orientation();

-- Qui livre ouvre sa transaction au nom de l'abonnement, avec la preuve qu'il en tient le secret : il voit alors ce que voit
-- le compte qui le tient, ni plus ni moins.

create function access.open_webhook(webhook uuid, proof bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('relais.session', '', true);
    perform set_config('relais.webhook', webhook::text || ':' || encode(proof, 'hex'), true);
    perform access.me();
end
$$;
comment on function access.open_webhook(uuid, bytea) is 'Première instruction d''une livraison : l''abonnement court, son compte vit, la preuve est la bonne, la voie est la sienne.';

create function access.webhooks_due() returns table (webhook_id uuid, sealed_secret bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    today date := access.today();
begin
    -- Plus personne pour lire : l'abonnement attend. Ce qui est ancien s'oublie, cent à la fois.
    update outbox.webhook w set paused_at = clock_timestamp(), paused_because = 'owner'
     where 'relais_' || w.role = session_user and w.ended_at is null and w.paused_at is null
       and not exists (
           select from accounts.account a join accounts.posting p on p.account_id = a.id
            where a.id = w.account_id and a.role = w.role and a.approved_at is not null and a.suspended_at is null and a.ended_at is null
              and p.approved_at is not null and p.ended_at is null
              and p.starts_on <= today and coalesce(p.ends_on >= today, true)
              and (p.post_id = w.post_id or p.partner_id = w.partner_id));
    delete from outbox.delivery d where d.id in (
        select o.id from outbox.delivery o join outbox.webhook w on w.id = o.webhook_id
         where 'relais_' || w.role = session_user and o.happened_at < clock_timestamp() - interval '30 days'
         order by o.happened_at limit 100);
    return query
        select w.id, w.sealed_secret from outbox.webhook w
         where 'relais_' || w.role = session_user and w.ended_at is null and w.paused_at is null
           and exists (select from outbox.delivery d
                        where d.webhook_id = w.id and d.state = 'pending' and d.next_attempt_at <= clock_timestamp())
         -- Au hasard : ceux dont le secret ne s'ouvre plus ne prennent pas toujours la place des autres.
         order by random() limit 200;
end
$$;
comment on function access.webhooks_due() is 'Les abonnements de cette voie qui ont à dire, et leur secret scellé ; met en pause ceux dont le compte est parti.';

-- Les fonctions déjà remises à leur officier se changent sous son habit.

grant create on schema access to relais_gate;
set local role relais_gate;

create or replace function access.me() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    claimed text := current_setting('relais.session', true);
    account uuid;
begin
    if coalesce(claimed, '') = '' then
        account := access.keeper_of_webhook();
    -- Ce qui se dit une session en est une, ou n'est personne : jamais à défaut le compte d'un abonnement.
    elsif claimed ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        select s.account_id into account
          from accounts.session s
          join accounts.account a on a.id = s.account_id
         where s.id = claimed::uuid
           and s.revoked_at is null
           and s.expires_at > clock_timestamp()
           and s.idle_until > clock_timestamp()
           and 'relais_' || s.role = session_user
           and a.role = s.role
           and a.approved_at is not null
           and a.suspended_at is null
           and a.ended_at is null;
    end if;
    if account is null then
        raise exception using errcode = '28000', message = 'no live session';
    end if;
    return account;
end
$$;

create or replace function access.proved_recently() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform access.me();
    return exists (
        select from accounts.session s
         where s.id = nullif(current_setting('relais.session', true), '')::uuid
           and s.authenticated_at > clock_timestamp() - interval '10 minutes');
end
$$;

reset role;
revoke create on schema access from relais_gate;

create function access.keeper_of_webhook() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    claimed text := current_setting('relais.webhook', true);
    account uuid;
begin
    if claimed ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{64}$' then
        select w.account_id into account
          from outbox.webhook w
          join accounts.account a on a.id = w.account_id
         where w.id = split_part(claimed, ':', 1)::uuid
           and w.secret_digest = sha256(decode(split_part(claimed, ':', 2), 'hex'))
           and w.ended_at is null
           and 'relais_' || w.role = session_user
           and a.role = w.role
           and a.approved_at is not null
           and a.suspended_at is null
           and a.ended_at is null;
    end if;
    return account;
end
$$;
comment on function access.keeper_of_webhook() is 'Le compte au nom de qui une notification se prépare, si la preuve est la bonne ; vide sinon.';

grant create on schema access to relais_chain;
set local role relais_chain;
create or replace function access.trace(act text, subject uuid, row_count integer, outcome text default 'done') returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid := access.me();
    perimeters uuid[] := access.my_posts();
begin
    if cardinality(perimeters) = 0 then
        perimeters := access.my_units();
    end if;
    if cardinality(perimeters) = 0 then
        perimeters := access.my_partners();
    end if;
    perform audit.append(
        case when cardinality(perimeters) = 1 then perimeters[1] else '00000000-0000-0000-0000-000000000000' end,
        account,
        -- Une notification n'a pas de session : son abonnement en tient lieu.
        coalesce(nullif(current_setting('relais.session', true), ''), split_part(current_setting('relais.webhook', true), ':', 1))::uuid,
        act, subject, row_count, outcome);
end
$$;
reset role;
revoke create on schema access from relais_chain;

alter table audit.trace
    drop constraint trace_outcome_is_known,
    -- « not valid » : les traces d'avant répondaient à la règle d'avant, qui est plus étroite ; les relire arrêterait le service.
    add constraint trace_outcome_is_known
        check (outcome in ('done', 'refused', 'not_found', 'failed', 'replayed', 'rehearsed')) not valid;
comment on column audit.trace.outcome is 'Fait, refusé, introuvable, échoué ; redit (la demande était déjà faite), essayé (puis défait).';
