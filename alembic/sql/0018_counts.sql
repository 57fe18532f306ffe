-- Rendu par « python -m app.indicators.render sql » depuis app/indicators : ne pas corriger à la main.

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
    ('T14.persons' || '|*', 1)) c (cell, n)
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
    (case when follow_up_days is not null and (closed) then 'T11.follow_up|known' end, 1),
    (case when follow_up_days is null and (closed) then 'T11.follow_up|unknown' end, 1),
    (case when follow_up_days <= 2 and (closed) then 'T11.follow_up|within_2' end, 1),
    (case when follow_up_days <= 7 and (closed) then 'T11.follow_up|within_7' end, 1),
    (case when follow_up_days is not null and (closed) then 'T11.follow_up|days|' || follow_up_days end, 1)) c (cell, n)
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
    (case when first_attempt_days is not null then 'T11.first_attempt|known' end, 1),
    (case when first_attempt_days is null then 'T11.first_attempt|unknown' end, 1),
    (case when first_attempt_days <= 2 then 'T11.first_attempt|within_2' end, 1),
    (case when first_attempt_days <= 7 then 'T11.first_attempt|within_7' end, 1),
    (case when first_attempt_days is not null then 'T11.first_attempt|days|' || first_attempt_days end, 1),
    (case when first_interview_days is not null then 'T11.first_interview|known' end, 1),
    (case when first_interview_days is null then 'T11.first_interview|unknown' end, 1),
    (case when first_interview_days <= 2 then 'T11.first_interview|within_2' end, 1),
    (case when first_interview_days <= 7 then 'T11.first_interview|within_7' end, 1),
    (case when first_interview_days is not null then 'T11.first_interview|days|' || first_interview_days end, 1),
    (case when first_contact_days is not null then 'median_first_contact|known' end, 1),
    (case when first_contact_days is null then 'median_first_contact|unknown' end, 1),
    (case when first_contact_days <= 2 then 'median_first_contact|within_2' end, 1),
    (case when first_contact_days <= 7 then 'median_first_contact|within_7' end, 1),
    (case when first_contact_days is not null then 'median_first_contact|days|' || first_contact_days end, 1)) c (cell, n)
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
comment on function statistics.marks(uuid[], text, text, date, date) is 'Dans quelles cases compte chaque fait ; produit depuis les définitions des indicateurs.';
