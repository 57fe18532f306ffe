-- Rendu par « python -m app.indicators.render sql » depuis app/indicators : ne pas corriger à la main.

create or replace function statistics.cells(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, cell text, n bigint)
language sql stable
as $$
(with f as materialized (select * from statistics.persons(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) as n0,
        count(*) filter (where reached) as n1,
        count(*) filter (where newly_met) as n2,
        count(*) filter (where sex = 'female') as n3,
        count(*) filter (where sex <> 'not_recorded') as n4,
        count(*) filter (where majority = 'minor') as n5,
        count(*) filter (where majority <> 'unknown') as n6,
        count(*) filter (where known_to_social_services = 'unknown_to_services') as n7,
        count(*) filter (where known_to_social_services <> 'not_recorded') as n8,
        count(*) filter (where known_to_social_services in ('unknown_to_services', 'known_other_reason')) as n9
      from f group by post_id) t cross join lateral (values ('T1.persons', t.n0), ('T1.persons_reached', t.n1), ('T1.new_persons', t.n2), ('women', t.n3), ('sex_recorded', t.n4), ('minors', t.n5), ('age_recorded', t.n6), ('unknown_to_services', t.n7), ('known_recorded', t.n8), ('unknown_for_this_reason', t.n9)) c (cell, n)
union all
select post_id, 'T2.persons|' || case grouping(age_band) when 0 then coalesce(age_band::text, 'none') else '*' end || '|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(age_band, sex)
union all
select post_id, 'T2.minors|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f where majority = 'minor' group by post_id, cube(sex)
union all
select post_id, 'T2.adults|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f where majority = 'adult' group by post_id, cube(sex)
union all
select post_id, 'T2.aged_12_25|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f where age between 12 and 25 group by post_id, cube(sex)
union all
select post_id, 'T2.aged_65_plus|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f where age >= 65 group by post_id, cube(sex)
union all
select post_id, 'T8.persons|' || case grouping(main_problem) when 0 then coalesce(main_problem::text, 'none') else '*' end || '|' || case grouping(known_to_social_services) when 0 then coalesce(known_to_social_services::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(main_problem, known_to_social_services))
union all
(with f as materialized (select * from statistics.persons_by_unit(posts, slice, place, starts_on, until_on))
select post_id, 'T14.persons|' || case grouping(unit_id) when 0 then coalesce(unit_id::text, 'none') else '*' end, (case when grouping(unit_id) = 0 then count(*) else count(*) filter (where counted_once) end)::bigint
  from f group by post_id, cube(unit_id))
union all
(with f as materialized (select * from statistics.participations(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) filter (where main_problem = 'partner_violence') as n0,
        count(*) filter (where main_problem <> 'not_recorded') as n1,
        count(*) as n2,
        count(*) filter (where main_problem in ('partner_violence', 'family_violence_other') or detailed_problem in ('child_protection_child_abuse', 'child_protection_exposed_to_partner_violence')) as n3,
        count(*) filter (where person_status in ('victim', 'victim_and_alleged_perpetrator')) as n4,
        count(*) filter (where person_status <> 'unknown') as n5,
        count(*) filter (where person_status in ('alleged_perpetrator', 'victim_and_alleged_perpetrator')) as n6,
        count(*) filter (where oriented) as n7
      from f group by post_id) t cross join lateral (values ('partner_violence', t.n0), ('problem_recorded', t.n1), ('active_participations', t.n2), ('family_violence', t.n3), ('victims', t.n4), ('status_recorded', t.n5), ('alleged_perpetrators', t.n6), ('oriented', t.n7)) c (cell, n)
union all
select post_id, 'T3.participations|' || case grouping(person_status) when 0 then coalesce(person_status::text, 'none') else '*' end || '|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(person_status, sex)
union all
select post_id, 'T6.participations|' || case grouping(main_problem) when 0 then coalesce(main_problem::text, 'none') else '*' end || '|' || case grouping(sex) when 0 then coalesce(sex::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(main_problem, sex)
union all
select post_id, 'T6.by_majority|' || case grouping(main_problem) when 0 then coalesce(main_problem::text, 'none') else '*' end || '|' || case grouping(majority) when 0 then coalesce(majority::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(main_problem, majority))
union all
(with f as materialized (select * from statistics.secondary_problems(posts, slice, place, starts_on, until_on))
select post_id, 'T6.secondary|' || case grouping(main_problem) when 0 then coalesce(main_problem::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(main_problem))
union all
(with f as materialized (select * from statistics.situations(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) filter (where opened) as n0,
        count(*) filter (where active) as n1,
        count(*) filter (where closed) as n2,
        count(*) filter (where active and penal_context = 'non_penal') as n3,
        count(*) filter (where active and penal_context <> 'unknown') as n4,
        count(*) filter (where (follow_up_days is not null) and (closed)) as n5,
        count(*) filter (where (follow_up_days is null) and (closed)) as n6,
        count(*) filter (where (follow_up_days <= 2) and (closed)) as n7,
        count(*) filter (where (follow_up_days <= 7) and (closed)) as n8
      from f group by post_id) t cross join lateral (values ('T1.situations_opened', t.n0), ('T1.situations_active', t.n1), ('T1.situations_closed', t.n2), ('non_penal', t.n3), ('penal_recorded', t.n4), ('T11.follow_up|known', t.n5), ('T11.follow_up|unknown', t.n6), ('T11.follow_up|within_2', t.n7), ('T11.follow_up|within_7', t.n8)) c (cell, n)
union all
select post_id, 'T7.situations|' || case grouping(main_problem) when 0 then coalesce(main_problem::text, 'none') else '*' end || '|' || case grouping(penal_context) when 0 then coalesce(penal_context::text, 'none') else '*' end, (count(*))::bigint
  from f where active group by post_id, cube(main_problem, penal_context)
union all
select post_id, 'T12.situations|' || case grouping(closure_reason) when 0 then coalesce(closure_reason::text, 'none') else '*' end || '|' || case grouping(person_status) when 0 then coalesce(person_status::text, 'none') else '*' end, (count(*))::bigint
  from f where closed group by post_id, cube(closure_reason, person_status)
union all
select post_id, 'T11.follow_up|days|' || follow_up_days, count(*) from f where (follow_up_days is not null) and (closed) group by post_id, follow_up_days)
union all
(with f as materialized (select * from statistics.referrals(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) as n0,
        count(*) filter (where referral_source in ('police_unit', 'gendarmerie_unit', 'iscg_log_reading')) as n1,
        count(*) filter (where due_for_contact and met) as n2,
        count(*) filter (where due_for_contact) as n3,
        count(*) filter (where refused) as n4,
        count(*) filter (where contact_consent <> 'not_asked') as n5,
        count(*) filter (where (first_attempt_days is not null)) as n6,
        count(*) filter (where (first_attempt_days is null)) as n7,
        count(*) filter (where (first_attempt_days <= 2)) as n8,
        count(*) filter (where (first_attempt_days <= 7)) as n9,
        count(*) filter (where (first_interview_days is not null)) as n10,
        count(*) filter (where (first_interview_days is null)) as n11,
        count(*) filter (where (first_interview_days <= 2)) as n12,
        count(*) filter (where (first_interview_days <= 7)) as n13,
        count(*) filter (where (first_contact_days is not null)) as n14,
        count(*) filter (where (first_contact_days is null)) as n15,
        count(*) filter (where (first_contact_days <= 2)) as n16,
        count(*) filter (where (first_contact_days <= 7)) as n17
      from f group by post_id) t cross join lateral (values ('T1.referrals', t.n0), ('from_units', t.n1), ('met', t.n2), ('due_for_contact', t.n3), ('contact_refused', t.n4), ('consent_known', t.n5), ('T11.first_attempt|known', t.n6), ('T11.first_attempt|unknown', t.n7), ('T11.first_attempt|within_2', t.n8), ('T11.first_attempt|within_7', t.n9), ('T11.first_interview|known', t.n10), ('T11.first_interview|unknown', t.n11), ('T11.first_interview|within_2', t.n12), ('T11.first_interview|within_7', t.n13), ('median_first_contact|known', t.n14), ('median_first_contact|unknown', t.n15), ('median_first_contact|within_2', t.n16), ('median_first_contact|within_7', t.n17)) c (cell, n)
union all
select post_id, 'T4.referrals|' || case grouping(referral_source) when 0 then coalesce(referral_source::text, 'none') else '*' end || '|' || case grouping(documented) when 0 then coalesce(documented::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(referral_source, documented)
union all
select post_id, 'T4.by_zone|' || case grouping(referral_source) when 0 then coalesce(referral_source::text, 'none') else '*' end || '|' || case grouping(zone) when 0 then coalesce(zone::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(referral_source, zone)
union all
select post_id, 'T5.referrals|' || case grouping(document_type) when 0 then coalesce(document_type::text, 'none') else '*' end || '|' || case grouping(unit_id) when 0 then coalesce(unit_id::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(document_type, unit_id)
union all
select post_id, 'T14.referrals|' || case grouping(unit_id) when 0 then coalesce(unit_id::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(unit_id)
union all
select post_id, 'T11.first_attempt|days|' || first_attempt_days, count(*) from f where (first_attempt_days is not null) group by post_id, first_attempt_days
union all
select post_id, 'T11.first_interview|days|' || first_interview_days, count(*) from f where (first_interview_days is not null) group by post_id, first_interview_days
union all
select post_id, 'median_first_contact|days|' || first_contact_days, count(*) from f where (first_contact_days is not null) group by post_id, first_contact_days)
union all
(with f as materialized (select * from statistics.acts(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) filter (where not anonymous) as n0,
        count(*) filter (where interview and not anonymous) as n1,
        count(*) filter (where anonymous) as n2,
        count(*) filter (where intervention_type = 'emergency_sheltering' and held) as n3,
        count(*) filter (where interview and not anonymous and channel in ('phone', 'video')) as n4,
        count(*) filter (where held and not anonymous and minutes is not null) as n5,
        count(*) filter (where held and not anonymous) as n6,
        count(*) filter (where channel = 'on_site' and not anonymous and site_id is not null) as n7,
        count(*) filter (where channel = 'on_site' and not anonymous) as n8
      from f group by post_id) t cross join lateral (values ('T1.interventions', t.n0), ('T1.interviews', t.n1), ('T1.anonymous_contacts', t.n2), ('T13.emergency_sheltering', t.n3), ('remote_interviews', t.n4), ('timed_acts', t.n5), ('held_acts', t.n6), ('placed_acts', t.n7), ('on_site_acts', t.n8)) c (cell, n)
union all
select post_id, 'T9.acts|' || case grouping(intervention_type) when 0 then coalesce(intervention_type::text, 'none') else '*' end || '|' || case grouping(presence) when 0 then coalesce(presence::text, 'none') else '*' end, (count(*))::bigint
  from f where not anonymous group by post_id, cube(intervention_type, presence)
union all
select post_id, 'T9.minutes|' || case grouping(intervention_type) when 0 then coalesce(intervention_type::text, 'none') else '*' end, (sum(minutes))::bigint
  from f where not anonymous group by post_id, cube(intervention_type)
union all
select post_id, 'T9.by_site|' || case grouping(intervention_type) when 0 then coalesce(intervention_type::text, 'none') else '*' end || '|' || case grouping(site_id) when 0 then coalesce(site_id::text, 'none') else '*' end, (count(*))::bigint
  from f where not anonymous and site_id is not null group by post_id, cube(intervention_type, site_id))
union all
(with f as materialized (select * from statistics.orientations(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) as n0,
        count(*) filter (where taken_up) as n1,
        count(*) filter (where transmitted) as n2,
        count(*) filter (where unanswered) as n3,
        count(*) filter (where partner_named) as n4
      from f group by post_id) t cross join lateral (values ('T1.orientations', t.n0), ('orientations_taken_up', t.n1), ('orientations_sent', t.n2), ('orientations_unanswered', t.n3), ('named_partner', t.n4)) c (cell, n)
union all
select post_id, 'T10.proposed|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(partner_category)
union all
select post_id, 'T10.agreed|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where agreed group by post_id, cube(partner_category)
union all
select post_id, 'T10.declined|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where declined group by post_id, cube(partner_category)
union all
select post_id, 'T10.alone|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where alone group by post_id, cube(partner_category)
union all
select post_id, 'T10.transmitted|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where transmitted group by post_id, cube(partner_category)
union all
select post_id, 'T10.taken_up|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where taken_up group by post_id, cube(partner_category)
union all
select post_id, 'T10.refused|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where refused group by post_id, cube(partner_category)
union all
select post_id, 'T10.no_feedback|' || case grouping(partner_category) when 0 then coalesce(partner_category::text, 'none') else '*' end, (count(*))::bigint
  from f where unanswered group by post_id, cube(partner_category))
union all
(with f as materialized (select * from statistics.transmissions(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) filter (where transmission_kind = 'concerning_information') as n0,
        count(*) filter (where transmission_kind = 'prosecutor_report') as n1
      from f group by post_id) t cross join lateral (values ('T13.concerning_information', t.n0), ('T13.prosecutor_report', t.n1)) c (cell, n))
union all
(with f as materialized (select * from statistics.collective_activities(posts, slice, place, starts_on, until_on))
select post_id, 'T15.sessions|' || case grouping(collective_activity_type) when 0 then coalesce(collective_activity_type::text, 'none') else '*' end, (count(*))::bigint
  from f group by post_id, cube(collective_activity_type)
union all
select post_id, 'T15.minutes|' || case grouping(collective_activity_type) when 0 then coalesce(collective_activity_type::text, 'none') else '*' end, (sum(duration_minutes))::bigint
  from f group by post_id, cube(collective_activity_type)
union all
select post_id, 'T15.participants|' || case grouping(collective_activity_type) when 0 then coalesce(collective_activity_type::text, 'none') else '*' end, (sum(participants))::bigint
  from f group by post_id, cube(collective_activity_type))
union all
(with f as materialized (select * from statistics.posts(posts, slice, place, starts_on, until_on))
select t.post_id, c.cell, c.n::bigint from (
    select post_id,
        count(*) as n0,
        sum(full_time_thousandths) as n1,
        sum(half_days_worked) as n2,
        sum(working_days) as n3,
        sum(vacant_days) as n4,
        sum(sites) as n5
      from f group by post_id) t cross join lateral (values ('T16.posts', t.n0), ('T16.full_time_thousandths', t.n1), ('T16.half_days', t.n2), ('T16.working_days', t.n3), ('T16.vacant_days', t.n4), ('T16.sites', t.n5)) c (cell, n))
$$;
comment on function statistics.cells(uuid[], text, text, date, date) is 'Combien dans chaque case ; produit depuis les définitions des indicateurs.';

create or replace function statistics.marks(posts uuid[], slice text, place text, starts_on date, until_on date)
returns table (post_id uuid, cell text, contributor uuid, n bigint)
language sql stable
as $$
(with f as materialized (select * from statistics.persons(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T1.persons', 1),
    (case when reached then 'T1.persons_reached' end, 1),
    (case when newly_met then 'T1.new_persons' end, 1),
    ('T2.persons' || '|' || coalesce(age_band::text, 'none') || '|' || coalesce(sex::text, 'none'), 1),
    ('T2.persons' || '|' || coalesce(age_band::text, 'none') || '|*', 1),
    ('T2.persons' || '|*' || '|' || coalesce(sex::text, 'none'), 1),
    ('T2.persons' || '|*' || '|*', 1),
    (case when majority = 'minor' then 'T2.minors' || '|' || coalesce(sex::text, 'none') end, 1),
    (case when majority = 'minor' then 'T2.minors' || '|*' end, 1),
    (case when majority = 'adult' then 'T2.adults' || '|' || coalesce(sex::text, 'none') end, 1),
    (case when majority = 'adult' then 'T2.adults' || '|*' end, 1),
    (case when age between 12 and 25 then 'T2.aged_12_25' || '|' || coalesce(sex::text, 'none') end, 1),
    (case when age between 12 and 25 then 'T2.aged_12_25' || '|*' end, 1),
    (case when age >= 65 then 'T2.aged_65_plus' || '|' || coalesce(sex::text, 'none') end, 1),
    (case when age >= 65 then 'T2.aged_65_plus' || '|*' end, 1),
    ('T8.persons' || '|' || coalesce(main_problem::text, 'none') || '|' || coalesce(known_to_social_services::text, 'none'), 1),
    ('T8.persons' || '|' || coalesce(main_problem::text, 'none') || '|*', 1),
    ('T8.persons' || '|*' || '|' || coalesce(known_to_social_services::text, 'none'), 1),
    ('T8.persons' || '|*' || '|*', 1),
    (case when sex = 'female' then 'women' end, 1),
    (case when sex <> 'not_recorded' then 'sex_recorded' end, 1),
    (case when majority = 'minor' then 'minors' end, 1),
    (case when majority <> 'unknown' then 'age_recorded' end, 1),
    (case when known_to_social_services = 'unknown_to_services' then 'unknown_to_services' end, 1),
    (case when known_to_social_services <> 'not_recorded' then 'known_recorded' end, 1),
    (case when known_to_social_services in ('unknown_to_services', 'known_other_reason') then 'unknown_for_this_reason' end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.persons_by_unit(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T14.persons' || '|' || coalesce(unit_id::text, 'none'), 1),
    (case when (counted_once) then 'T14.persons' || '|*' end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.participations(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T3.participations' || '|' || coalesce(person_status::text, 'none') || '|' || coalesce(sex::text, 'none'), 1),
    ('T3.participations' || '|' || coalesce(person_status::text, 'none') || '|*', 1),
    ('T3.participations' || '|*' || '|' || coalesce(sex::text, 'none'), 1),
    ('T3.participations' || '|*' || '|*', 1),
    ('T6.participations' || '|' || coalesce(main_problem::text, 'none') || '|' || coalesce(sex::text, 'none'), 1),
    ('T6.participations' || '|' || coalesce(main_problem::text, 'none') || '|*', 1),
    ('T6.participations' || '|*' || '|' || coalesce(sex::text, 'none'), 1),
    ('T6.participations' || '|*' || '|*', 1),
    ('T6.by_majority' || '|' || coalesce(main_problem::text, 'none') || '|' || coalesce(majority::text, 'none'), 1),
    ('T6.by_majority' || '|' || coalesce(main_problem::text, 'none') || '|*', 1),
    ('T6.by_majority' || '|*' || '|' || coalesce(majority::text, 'none'), 1),
    ('T6.by_majority' || '|*' || '|*', 1),
    (case when main_problem = 'partner_violence' then 'partner_violence' end, 1),
    (case when main_problem <> 'not_recorded' then 'problem_recorded' end, 1),
    ('active_participations', 1),
    (case when main_problem in ('partner_violence', 'family_violence_other') or detailed_problem in ('child_protection_child_abuse', 'child_protection_exposed_to_partner_violence') then 'family_violence' end, 1),
    (case when person_status in ('victim', 'victim_and_alleged_perpetrator') then 'victims' end, 1),
    (case when person_status <> 'unknown' then 'status_recorded' end, 1),
    (case when person_status in ('alleged_perpetrator', 'victim_and_alleged_perpetrator') then 'alleged_perpetrators' end, 1),
    (case when oriented then 'oriented' end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.secondary_problems(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T6.secondary' || '|' || coalesce(main_problem::text, 'none'), 1),
    ('T6.secondary' || '|*', 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.situations(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    (case when opened then 'T1.situations_opened' end, 1),
    (case when active then 'T1.situations_active' end, 1),
    (case when closed then 'T1.situations_closed' end, 1),
    (case when active then 'T7.situations' || '|' || coalesce(main_problem::text, 'none') || '|' || coalesce(penal_context::text, 'none') end, 1),
    (case when active then 'T7.situations' || '|' || coalesce(main_problem::text, 'none') || '|*' end, 1),
    (case when active then 'T7.situations' || '|*' || '|' || coalesce(penal_context::text, 'none') end, 1),
    (case when active then 'T7.situations' || '|*' || '|*' end, 1),
    (case when closed then 'T12.situations' || '|' || coalesce(closure_reason::text, 'none') || '|' || coalesce(person_status::text, 'none') end, 1),
    (case when closed then 'T12.situations' || '|' || coalesce(closure_reason::text, 'none') || '|*' end, 1),
    (case when closed then 'T12.situations' || '|*' || '|' || coalesce(person_status::text, 'none') end, 1),
    (case when closed then 'T12.situations' || '|*' || '|*' end, 1),
    (case when active and penal_context = 'non_penal' then 'non_penal' end, 1),
    (case when active and penal_context <> 'unknown' then 'penal_recorded' end, 1),
    (case when (follow_up_days is not null) and (closed) then 'T11.follow_up|known' end, 1),
    (case when (follow_up_days is null) and (closed) then 'T11.follow_up|unknown' end, 1),
    (case when (follow_up_days <= 2) and (closed) then 'T11.follow_up|within_2' end, 1),
    (case when (follow_up_days <= 7) and (closed) then 'T11.follow_up|within_7' end, 1),
    (case when (follow_up_days is not null) and (closed) then 'T11.follow_up|days|' || follow_up_days end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.referrals(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T1.referrals', 1),
    ('T4.referrals' || '|' || coalesce(referral_source::text, 'none') || '|' || coalesce(documented::text, 'none'), 1),
    ('T4.referrals' || '|' || coalesce(referral_source::text, 'none') || '|*', 1),
    ('T4.referrals' || '|*' || '|' || coalesce(documented::text, 'none'), 1),
    ('T4.referrals' || '|*' || '|*', 1),
    ('T4.by_zone' || '|' || coalesce(referral_source::text, 'none') || '|' || coalesce(zone::text, 'none'), 1),
    ('T4.by_zone' || '|' || coalesce(referral_source::text, 'none') || '|*', 1),
    ('T4.by_zone' || '|*' || '|' || coalesce(zone::text, 'none'), 1),
    ('T4.by_zone' || '|*' || '|*', 1),
    ('T5.referrals' || '|' || coalesce(document_type::text, 'none') || '|' || coalesce(unit_id::text, 'none'), 1),
    ('T5.referrals' || '|' || coalesce(document_type::text, 'none') || '|*', 1),
    ('T5.referrals' || '|*' || '|' || coalesce(unit_id::text, 'none'), 1),
    ('T5.referrals' || '|*' || '|*', 1),
    ('T14.referrals' || '|' || coalesce(unit_id::text, 'none'), 1),
    ('T14.referrals' || '|*', 1),
    (case when referral_source in ('police_unit', 'gendarmerie_unit', 'iscg_log_reading') then 'from_units' end, 1),
    (case when due_for_contact and met then 'met' end, 1),
    (case when due_for_contact then 'due_for_contact' end, 1),
    (case when refused then 'contact_refused' end, 1),
    (case when contact_consent <> 'not_asked' then 'consent_known' end, 1),
    (case when (first_attempt_days is not null) then 'T11.first_attempt|known' end, 1),
    (case when (first_attempt_days is null) then 'T11.first_attempt|unknown' end, 1),
    (case when (first_attempt_days <= 2) then 'T11.first_attempt|within_2' end, 1),
    (case when (first_attempt_days <= 7) then 'T11.first_attempt|within_7' end, 1),
    (case when (first_interview_days is not null) then 'T11.first_interview|known' end, 1),
    (case when (first_interview_days is null) then 'T11.first_interview|unknown' end, 1),
    (case when (first_interview_days <= 2) then 'T11.first_interview|within_2' end, 1),
    (case when (first_interview_days <= 7) then 'T11.first_interview|within_7' end, 1),
    (case when (first_contact_days is not null) then 'median_first_contact|known' end, 1),
    (case when (first_contact_days is null) then 'median_first_contact|unknown' end, 1),
    (case when (first_contact_days <= 2) then 'median_first_contact|within_2' end, 1),
    (case when (first_contact_days <= 7) then 'median_first_contact|within_7' end, 1),
    (case when (first_attempt_days is not null) then 'T11.first_attempt|days|' || first_attempt_days end, 1),
    (case when (first_interview_days is not null) then 'T11.first_interview|days|' || first_interview_days end, 1),
    (case when (first_contact_days is not null) then 'median_first_contact|days|' || first_contact_days end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.acts(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    (case when not anonymous then 'T1.interventions' end, 1),
    (case when interview and not anonymous then 'T1.interviews' end, 1),
    (case when anonymous then 'T1.anonymous_contacts' end, 1),
    (case when not anonymous then 'T9.acts' || '|' || coalesce(intervention_type::text, 'none') || '|' || coalesce(presence::text, 'none') end, 1),
    (case when not anonymous then 'T9.acts' || '|' || coalesce(intervention_type::text, 'none') || '|*' end, 1),
    (case when not anonymous then 'T9.acts' || '|*' || '|' || coalesce(presence::text, 'none') end, 1),
    (case when not anonymous then 'T9.acts' || '|*' || '|*' end, 1),
    (case when not anonymous then 'T9.minutes' || '|' || coalesce(intervention_type::text, 'none') end, coalesce(minutes, 0)),
    (case when not anonymous then 'T9.minutes' || '|*' end, coalesce(minutes, 0)),
    (case when not anonymous and site_id is not null then 'T9.by_site' || '|' || coalesce(intervention_type::text, 'none') || '|' || coalesce(site_id::text, 'none') end, 1),
    (case when not anonymous and site_id is not null then 'T9.by_site' || '|' || coalesce(intervention_type::text, 'none') || '|*' end, 1),
    (case when not anonymous and site_id is not null then 'T9.by_site' || '|*' || '|' || coalesce(site_id::text, 'none') end, 1),
    (case when not anonymous and site_id is not null then 'T9.by_site' || '|*' || '|*' end, 1),
    (case when intervention_type = 'emergency_sheltering' and held then 'T13.emergency_sheltering' end, 1),
    (case when interview and not anonymous and channel in ('phone', 'video') then 'remote_interviews' end, 1),
    (case when held and not anonymous and minutes is not null then 'timed_acts' end, 1),
    (case when held and not anonymous then 'held_acts' end, 1),
    (case when channel = 'on_site' and not anonymous and site_id is not null then 'placed_acts' end, 1),
    (case when channel = 'on_site' and not anonymous then 'on_site_acts' end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.orientations(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T1.orientations', 1),
    ('T10.proposed' || '|' || coalesce(partner_category::text, 'none'), 1),
    ('T10.proposed' || '|*', 1),
    (case when agreed then 'T10.agreed' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when agreed then 'T10.agreed' || '|*' end, 1),
    (case when declined then 'T10.declined' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when declined then 'T10.declined' || '|*' end, 1),
    (case when alone then 'T10.alone' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when alone then 'T10.alone' || '|*' end, 1),
    (case when transmitted then 'T10.transmitted' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when transmitted then 'T10.transmitted' || '|*' end, 1),
    (case when taken_up then 'T10.taken_up' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when taken_up then 'T10.taken_up' || '|*' end, 1),
    (case when refused then 'T10.refused' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when refused then 'T10.refused' || '|*' end, 1),
    (case when unanswered then 'T10.no_feedback' || '|' || coalesce(partner_category::text, 'none') end, 1),
    (case when unanswered then 'T10.no_feedback' || '|*' end, 1),
    (case when taken_up then 'orientations_taken_up' end, 1),
    (case when transmitted then 'orientations_sent' end, 1),
    (case when unanswered then 'orientations_unanswered' end, 1),
    (case when partner_named then 'named_partner' end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.transmissions(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    (case when transmission_kind = 'concerning_information' then 'T13.concerning_information' end, 1),
    (case when transmission_kind = 'prosecutor_report' then 'T13.prosecutor_report' end, 1)) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.collective_activities(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T15.sessions' || '|' || coalesce(collective_activity_type::text, 'none'), 1),
    ('T15.sessions' || '|*', 1),
    ('T15.minutes' || '|' || coalesce(collective_activity_type::text, 'none'), coalesce(duration_minutes, 0)),
    ('T15.minutes' || '|*', coalesce(duration_minutes, 0)),
    ('T15.participants' || '|' || coalesce(collective_activity_type::text, 'none'), coalesce(participants, 0)),
    ('T15.participants' || '|*', coalesce(participants, 0))) c (cell, n)
 where c.cell is not null and c.n <> 0)
union all
(with f as materialized (select * from statistics.posts(posts, slice, place, starts_on, until_on))
select f.post_id, c.cell, f.contributor, c.n::bigint
  from f
 cross join lateral (values
    ('T16.posts', 1),
    ('T16.full_time_thousandths', coalesce(full_time_thousandths, 0)),
    ('T16.half_days', coalesce(half_days_worked, 0)),
    ('T16.working_days', coalesce(working_days, 0)),
    ('T16.vacant_days', coalesce(vacant_days, 0)),
    ('T16.sites', coalesce(sites, 0))) c (cell, n)
 where c.cell is not null and c.n <> 0)
$$;
comment on function statistics.marks(uuid[], text, text, date, date) is 'Dans quelles cases compte chaque fait, et pour qui : ce que publier doit protéger ; du même modèle.';

-- Ce qui était tenu d'avance l'était selon d'autres définitions.
truncate statistics.tally;
