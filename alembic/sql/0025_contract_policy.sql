-- Les droits et les règles de lignes du contrat : la différence entre deux « python -m app.access.render sql ».


alter table accounts.quota enable row level security;
alter table accounts.quota force row level security;
alter table accounts.remembered_answer enable row level security;
alter table accounts.remembered_answer force row level security;
alter table outbox.delivery enable row level security;
alter table outbox.delivery force row level security;
alter table outbox.webhook enable row level security;
alter table outbox.webhook force row level security;

-- relais_gate : la porte : sessions, affectations, partages
grant usage on schema outbox to relais_gate;
grant select (account_id, key, route, asked, standing, sealed, answered_at) on accounts.remembered_answer to relais_gate;
create policy relais_gate_select on accounts.remembered_answer for select to relais_gate using (true);
grant select (key, spent, resets_at) on accounts.quota to relais_gate;
create policy relais_gate_select on accounts.quota for select to relais_gate using (true);
grant select (id, account_id, role, post_id, partner_id, event_types, sealed_secret, secret_digest, paused_at, paused_because, ended_at) on outbox.webhook to relais_gate;
create policy relais_gate_select on outbox.webhook for select to relais_gate using (true);
grant select (id, webhook_id, state, next_attempt_at, happened_at) on outbox.delivery to relais_gate;
create policy relais_gate_select on outbox.delivery for select to relais_gate using (true);
grant insert (account_id, key, route, asked, standing, sealed, answered_at) on accounts.remembered_answer to relais_gate;
create policy relais_gate_insert on accounts.remembered_answer for insert to relais_gate with check (true);
grant insert (key, spent, resets_at) on accounts.quota to relais_gate;
create policy relais_gate_insert on accounts.quota for insert to relais_gate with check (true);
grant insert (id, webhook_id, post_id, partner_id, event_type, subject_id, happened_at, next_attempt_at) on outbox.delivery to relais_gate;
create policy relais_gate_insert on outbox.delivery for insert to relais_gate with check (true);
grant update (route, asked, standing, sealed, answered_at) on accounts.remembered_answer to relais_gate;
create policy relais_gate_update on accounts.remembered_answer for update to relais_gate using (true) with check (true);
grant update (spent, resets_at) on accounts.quota to relais_gate;
create policy relais_gate_update on accounts.quota for update to relais_gate using (true) with check (true);
grant update (paused_at, paused_because) on outbox.webhook to relais_gate;
create policy relais_gate_update on outbox.webhook for update to relais_gate using (true) with check (true);
grant delete on accounts.remembered_answer to relais_gate;
create policy relais_gate_delete on accounts.remembered_answer for delete to relais_gate using (true);
grant delete on accounts.quota to relais_gate;
create policy relais_gate_delete on accounts.quota for delete to relais_gate using (true);
grant delete on outbox.delivery to relais_gate;
create policy relais_gate_delete on outbox.delivery for delete to relais_gate using (true);

-- relais_social_worker : l'intervenant social (ISCG)
grant usage on schema outbox to relais_social_worker;
grant select (id, account_id, role, post_id, partner_id, url, event_types, sealed_secret, secret_digest, previous_sealed, previous_until, created_at, paused_at, paused_because, failing_since, ended_at) on outbox.webhook to relais_social_worker;
create policy social_worker_may_read on outbox.webhook for select to relais_social_worker using (post_id = any ((select access.my_posts())::uuid[]));
grant insert (id, account_id, role, post_id, partner_id, url, event_types, sealed_secret, secret_digest, previous_sealed, previous_until, created_at, paused_at, paused_because, failing_since, ended_at) on outbox.webhook to relais_social_worker;
create policy social_worker_may_add on outbox.webhook for insert to relais_social_worker with check (post_id = any ((select access.held_posts())::uuid[]) and account_id = (select access.me()));
grant update (url, event_types, sealed_secret, secret_digest, previous_sealed, previous_until, paused_at, paused_because, failing_since, ended_at) on outbox.webhook to relais_social_worker;
create policy social_worker_may_change on outbox.webhook for update to relais_social_worker using (post_id = any ((select access.held_posts())::uuid[]) and account_id = (select access.me())) with check (post_id = any ((select access.held_posts())::uuid[]) and account_id = (select access.me()));
grant select (id, webhook_id, post_id, partner_id, event_type, subject_id, happened_at, state, attempts, tries, next_attempt_at, delivered_at) on outbox.delivery to relais_social_worker;
create policy social_worker_may_read on outbox.delivery for select to relais_social_worker using (post_id = any ((select access.my_posts())::uuid[]));
grant update (state, attempts, tries, next_attempt_at, delivered_at) on outbox.delivery to relais_social_worker;
create policy social_worker_may_change on outbox.delivery for update to relais_social_worker using (post_id = any ((select access.held_posts())::uuid[])) with check (post_id = any ((select access.held_posts())::uuid[]));
grant execute on function access.my_usage() to relais_social_worker;
grant execute on function access.open_webhook(uuid, bytea) to relais_social_worker;
grant execute on function access.recall(bytea, text, bytea) to relais_social_worker;
grant execute on function access.remember(bytea, bytea) to relais_social_worker;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_social_worker;
grant execute on function access.webhooks_due() to relais_social_worker;

-- relais_police_officer : le policier ou le gendarme
grant execute on function access.my_usage() to relais_police_officer;
grant execute on function access.recall(bytea, text, bytea) to relais_police_officer;
grant execute on function access.remember(bytea, bytea) to relais_police_officer;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_police_officer;

-- relais_unit_commander : l'autorité fonctionnelle de l'unité
grant execute on function access.my_usage() to relais_unit_commander;
grant execute on function access.recall(bytea, text, bytea) to relais_unit_commander;
grant execute on function access.remember(bytea, bytea) to relais_unit_commander;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_unit_commander;

-- relais_partner : le service partenaire
grant usage on schema outbox to relais_partner;
grant select (id, account_id, role, post_id, partner_id, url, event_types, sealed_secret, secret_digest, previous_sealed, previous_until, created_at, paused_at, paused_because, failing_since, ended_at) on outbox.webhook to relais_partner;
create policy partner_may_read on outbox.webhook for select to relais_partner using (partner_id = any ((select access.my_partners())::uuid[]));
grant insert (id, account_id, role, post_id, partner_id, url, event_types, sealed_secret, secret_digest, previous_sealed, previous_until, created_at, paused_at, paused_because, failing_since, ended_at) on outbox.webhook to relais_partner;
create policy partner_may_add on outbox.webhook for insert to relais_partner with check (partner_id = any ((select access.my_partners())::uuid[]) and account_id = (select access.me()));
grant update (url, event_types, sealed_secret, secret_digest, previous_sealed, previous_until, paused_at, paused_because, failing_since, ended_at) on outbox.webhook to relais_partner;
create policy partner_may_change on outbox.webhook for update to relais_partner using (partner_id = any ((select access.my_partners())::uuid[]) and account_id = (select access.me())) with check (partner_id = any ((select access.my_partners())::uuid[]) and account_id = (select access.me()));
grant select (id, webhook_id, post_id, partner_id, event_type, subject_id, happened_at, state, attempts, tries, next_attempt_at, delivered_at) on outbox.delivery to relais_partner;
create policy partner_may_read on outbox.delivery for select to relais_partner using (partner_id = any ((select access.my_partners())::uuid[]));
grant update (state, attempts, tries, next_attempt_at, delivered_at) on outbox.delivery to relais_partner;
create policy partner_may_change on outbox.delivery for update to relais_partner using (partner_id = any ((select access.my_partners())::uuid[])) with check (partner_id = any ((select access.my_partners())::uuid[]));
grant execute on function access.my_usage() to relais_partner;
grant execute on function access.open_webhook(uuid, bytea) to relais_partner;
grant execute on function access.recall(bytea, text, bytea) to relais_partner;
grant execute on function access.remember(bytea, bytea) to relais_partner;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_partner;
grant execute on function access.webhooks_due() to relais_partner;

-- relais_coordinator : le coordinateur de l'employeur
grant execute on function access.my_usage() to relais_coordinator;
grant execute on function access.recall(bytea, text, bytea) to relais_coordinator;
grant execute on function access.remember(bytea, bytea) to relais_coordinator;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_coordinator;

-- relais_observatory : l'observatoire national
grant execute on function access.my_usage() to relais_observatory;
grant execute on function access.recall(bytea, text, bytea) to relais_observatory;
grant execute on function access.remember(bytea, bytea) to relais_observatory;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_observatory;

-- relais_administrator : l'administrateur
grant execute on function access.my_usage() to relais_administrator;
grant execute on function access.recall(bytea, text, bytea) to relais_administrator;
grant execute on function access.remember(bytea, bytea) to relais_administrator;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_administrator;

-- relais_dpo : le délégué à la protection des données
grant execute on function access.my_usage() to relais_dpo;
grant execute on function access.recall(bytea, text, bytea) to relais_dpo;
grant execute on function access.remember(bytea, bytea) to relais_dpo;
grant execute on function access.spend_quota(bytea, integer, integer) to relais_dpo;

-- relais_authentication : la voie d'authentification
grant execute on function access.spend_quota(bytea, integer, integer) to relais_authentication;

-- relais_answering : le porteur d'un lien de réponse, sans compte
grant execute on function access.spend_quota(bytea, integer, integer) to relais_answering;

-- Les fonctions de confiance changent de main.
revoke all on function access.standing() from public;
grant create on schema access to relais_gate;
alter function access.standing() owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function access.recall(bytea, text, bytea) from public;
grant create on schema access to relais_gate;
alter function access.recall(bytea, text, bytea) owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function access.remember(bytea, bytea) from public;
grant create on schema access to relais_gate;
alter function access.remember(bytea, bytea) owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function access.spend_quota(bytea, integer, integer) from public;
grant create on schema access to relais_gate;
alter function access.spend_quota(bytea, integer, integer) owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function access.keeper_of_webhook() from public;
grant create on schema access to relais_gate;
alter function access.keeper_of_webhook() owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function access.open_webhook(uuid, bytea) from public;
grant create on schema access to relais_gate;
alter function access.open_webhook(uuid, bytea) owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function access.webhooks_due() from public;
grant create on schema access to relais_gate;
alter function access.webhooks_due() owner to relais_gate;
revoke create on schema access from relais_gate;
revoke all on function outbox.announce(text, uuid, uuid[], uuid[]) from public;
grant create on schema outbox to relais_gate;
alter function outbox.announce(text, uuid, uuid[], uuid[]) owner to relais_gate;
revoke create on schema outbox from relais_gate;
revoke all on function outbox.tell_of_referral() from public;
grant create on schema outbox to relais_gate;
alter function outbox.tell_of_referral() owner to relais_gate;
revoke create on schema outbox from relais_gate;
revoke all on function outbox.tell_of_partner_referral() from public;
grant create on schema outbox to relais_gate;
alter function outbox.tell_of_partner_referral() owner to relais_gate;
revoke create on schema outbox from relais_gate;
revoke all on function outbox.tell_of_orientation() from public;
grant create on schema outbox to relais_gate;
alter function outbox.tell_of_orientation() owner to relais_gate;
revoke create on schema outbox from relais_gate;
revoke all on function access.my_usage() from public;
grant create on schema access to relais_chain;
alter function access.my_usage() owner to relais_chain;
revoke create on schema access from relais_chain;
