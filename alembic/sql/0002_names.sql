-- Comment les noms se comparent : « replié » (sans casse, accents ni ponctuation) et « son » (clé phonétique).
-- Les deux fonctions servent dans des colonnes engendrées et leurs index : elles ne dépendent ni de la langue
-- de la base (collation « C »), ni du search_path (corps analysé à la création, tout est qualifié), ni d'ICU.
-- Elles s'exécutent avec les droits de qui insère : il lui faut les deux, et extensions.unaccent. Changer une
-- règle change les clés : il faut une migration qui recalcule les colonnes, jamais une retouche de ce fichier.

-- L'ordre compte : d'abord les accents (É → E même quand la base ne sait pas mettre É en minuscule), puis la casse.
-- Les lignes d'arguments se lisent de haut en bas, dans l'ordre où elles s'appliquent.
create function social.folded(text) returns text
language sql immutable strict parallel safe
return
    pg_catalog.btrim(
    pg_catalog.regexp_replace(
    pg_catalog.regexp_replace(
    pg_catalog.lower(
    extensions.unaccent('extensions.unaccent'::pg_catalog.regdictionary, $1)   -- é → e, œ → oe, ß → ss
        collate "C")                                                           -- A → a
    , '[\u0300-\u036f]+', '', 'g')                  -- accents saisis à part (formes décomposées)
    , '[\u0001-\u002f:-@\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u02b0-\u02ff\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff\u3000-\u303f\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+'
    , ' ', 'g')                                     -- traits d'union, apostrophes, signes → une espace
    );
comment on function social.folded(text) is
    'Le nom replié : minuscules sans accents, ponctuation réduite à une espace (« d''Almeida » et « D ALMEIDA » : « d almeida »).';
revoke all on function social.folded(text) from public;

-- La clé phonétique française. Signes de la clé : 1 = in, ain, un ; 2 = an, en ; 3 = on ; 5 = ill, y entre voyelles ;
-- 8 = ch ; u = u et ou ; e = é, è, ai, ei, eu ; s = s, z, c doux ; k = c dur, qu. Les règles sont numérotées dans leur
-- ordre ; chacune dit quelles graphies elle rapproche. Vingt-deux expressions en tout : PostgreSQL en
-- garde 32 compilées par connexion ; au-delà, il les recompilerait à chaque appel.
create function social.sounding(text) returns text
language sql immutable strict parallel safe
return
    pg_catalog.translate(pg_catalog.regexp_replace(                                               -- 27 26
    pg_catalog.replace(pg_catalog.replace(                                                        -- 25
    pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(                -- 24 23 22
    pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(                -- 21 20 19
    pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.replace(                              -- 18 17
    pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(                -- 16 15 14
    pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(                                     -- 13
    pg_catalog.regexp_replace(pg_catalog.regexp_replace(                                          -- 12 11
    pg_catalog.translate(pg_catalog.replace(                                                      -- 10 9
    pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(                -- 8 7 6
    pg_catalog.regexp_replace(                                                                    -- 5
    pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(                  -- 4
    pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(                -- 3 2 1
    pg_catalog.left(social.folded($1), 120) collate "C"     --  0. au-delà, un texte démesuré coûterait des secondes
    , '[^a-z ]+', '', 'g')                                  --  1. les lettres seules
    , '\m(de|du|des|d|le|la|les|l|el|al|ben|bel|abd|van|von|der|den|di|da|dos|do|mac|mc|o) ', '\1', 'g')
                                                            --  2. particule collée : Le Goff = Legoff, Ben Ali = Benali
    , '\mst(e?) ', 'saint\1 ', 'g')                         --  3. St-Pierre = Saint-Pierre
    , 'ph', 'f'), 'sch', 'ch'), 'sh', 'ch'), 'qu', 'k')     --  4. Philippe = Filip, Schmitt = Chmit, Rashid = Rachid, Dominique = Dominik
    , 'ch(?=[rl]|ael)', 'k', 'g')                           --  5. ch dur : Christelle = Kristel, Michaël = Mickaël
    , 'c(?=[eiy]|oise?\M)', 's', 'g')                       --  6. c doux : Lucie = Lussie, François = Fransois
    , 'g(?=[eiy]|ois?\M)', 'j', 'g')                        --  7. g doux : Gérard = Jérard ; Bourgoi = Bourjoi
    , '(j)e(?=[ao])|(g)u(?=[eiy])', '\1\2', 'g')            --  8. Georges = Jorge, Bourgeois = Bourjois, Jeanne = Jane ; Hugues = Ugue
    , 'ch', '8')                                            --  9. le son ch n'a plus ni c ni h
    , 'cqzwh', 'kksv')                                      -- 10. Marc = Mark, Elizabeth = Elisabeth, Wagner = Vagner ; h muet : Hélène = Elène
    , '([aeou])ill', '\15', 'g')                            -- 11. Maillard = Mayard (mais Leïla = Leyla : un seul l)
    , '(.)\1+', '\1', 'g')                                  -- 12. lettres doublées : Mohammed = Mohamed
    , 'bv', 'v'), 'pt', 't'), 'ks', 'x')                    -- 13. Lefebvre = Lefèvre, Baptiste = Batiste, Aleksandra = Alexandra
    , 'd(?=j)', '', 'g')                                    -- 14. Djamel = Jamel, Khadidja = Khadija
    , '([ao]u)l(?=[tdxs]+\M)', '\1', 'g')                   -- 15. l muet : Thibault = Thibaud, Renault = Renaud
    , 'e?au', 'o', 'g')                                     -- 16. Moreau = Moro, Gauthier = Gotier
    , 'oeu', 'eu'), 'ou', 'w')                              -- 17. Œuvrard = Euvrard ; ou mis à part, le temps des nasales : Haroun n'est pas Harin
    , '(?:[ae]?[iuy]|(?<=[iy])e)[nm](?![aeiouwynm])', '1', 'g')   -- 18. in, ain, ein, un, (i)en : Romain = Romin
    , '[ae][nm](?![aeiouwynm])', '2', 'g')                  -- 19. an, en : Laurent = Lorant, Quentin = Kantin
    , 'o[nm](?![aeiouwynm])', '3', 'g')                     -- 20. on, om : Dupont = Dupomt
    , '\Y(p?[dst]+|(?<=[uow]|oi)x|(?<=[123])[bgkp])\M', '', 'g')  -- 21. fin muette : Dupond = Dupont, Lopez = Lopes, Lacroix = Lacroi, Leblanc = Leblan
    , '\Ye+\M', '', 'g')                                    -- 22. e final, muet ou non : Renée = René, Danielle = Daniel
    , '(?<=[aeow])[iy](?=[aeouw])|(?<=[eu])il\M', '5', 'g') -- 23. y entre voyelles : Boyer = Boier ; Mireille = Mireil
    , '[ae][iy]', 'e', 'g')                                 -- 24. Raynaud = Renaud, Ségolaine = Ségolène
    , 'oi', 'wa'), 'oy', 'wa')                              -- 25. Benoit = Benoua, Leroy = Leroi
    , '([aeiouwy1235][8bdfgjklmnprstvx])e(?=[8bdfgjklmnprstvx][aeiouwy])|(e)u', '\1\2', 'g')
                                                            -- 26. e caduc : Catherine = Katrine ; eu : Lefeuvre = Lefèvre, Beaulieux = Bolieu
    , 'wy ', 'ui');                                         -- 27. Mourad = Murad, Yves = Ives ; les mots se suivent sans espace
comment on function social.sounding(text) is
    'Le son du nom, à la française : même clé pour les graphies voisines (Lefèvre, Lefebvre) ; vide s''il n''y a aucune lettre latine.';
revoke all on function social.sounding(text) from public;
