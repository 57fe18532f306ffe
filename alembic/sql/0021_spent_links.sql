-- Un lien révoqué, ou périmé, pendant que sa réponse attendait un verrou ne se dépense plus.

grant create on schema access to relais_gate;
set local role relais_gate;
create or replace function access.spend_link() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    link uuid := access.my_link();
begin
    -- Tout est revérifié ici, sous le verrou de la ligne : ce que my_link a lu a pu changer pendant l'attente.
    update exchange.answer_link l set used_at = now()
     where l.id = link and l.used_at is null and l.revoked_at is null and l.expires_at > clock_timestamp();
    if not found then
        raise exception using errcode = '28000', message = 'no live link';
    end if;
end
$$;
reset role;
revoke create on schema access from relais_gate;
