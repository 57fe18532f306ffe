-- La recherche de personnes. Sous la sécurité des lignes, un index de trigrammes ne sert pas (opérateurs non
-- étanches) : une fonction de confiance commence donc par prendre les postes de l'appelant, et ne rend
-- que des identifiants que la table, elle, montrera ou non.

create function access.search_persons(words text, born_on date, most integer)
returns table (id uuid, likeness real)
-- « rows 20 » : PostgreSQL en supposerait 1 000, et lirait toutes les fiches de mes postes pour y joindre celles-ci.
language plpgsql stable security definer rows 20 set search_path = pg_catalog, pg_temp
as $$
declare
    posts uuid[] := access.my_posts();
    folded text := social.folded(words);
    -- Chaque mot, et tous ensemble ; un mot sans lettres n'a pas de son, et ne doit pas trouver les noms vides.
    sounds text[] := array_remove(
        array(select distinct social.sounding(w) from unnest(string_to_array(folded, ' ')) w where length(w) > 1)
        || social.sounding(words), '');
begin
    return query
        with candidate as (
            select p.id, p.folded_name, p.birth_date, p.last_name_sound, p.birth_name_sound, p.first_name_sound
              from social.person p
             where p.post_id = any (posts)
               and p.folded_name operator(extensions.%>) folded
            union
            select p.id, p.folded_name, p.birth_date, p.last_name_sound, p.birth_name_sound, p.first_name_sound
              from social.person p
             where p.post_id = any (posts)
               and (p.last_name_sound = any (sounds) or p.birth_name_sound = any (sounds) or p.first_name_sound = any (sounds)))
        select c.id,
               (extensions.word_similarity(folded, c.folded_name)
                + 0.5 * (case when c.last_name_sound = any (sounds) then 1 else 0 end)
                + 0.5 * (case when c.birth_name_sound = any (sounds) then 1 else 0 end)
                + 0.3 * (case when c.first_name_sound = any (sounds) then 1 else 0 end)
                + case when c.birth_date = born_on then 1 else 0 end)::real
          from candidate c
         where born_on is null or c.birth_date is null or abs(c.birth_date - born_on) < 366
         order by 2 desc, 1
         limit most;
end
$$;
comment on function access.search_persons(text, date, integer) is 'Personnes de mes postes dont le nom ressemble ou sonne comme les mots cherchés.';
