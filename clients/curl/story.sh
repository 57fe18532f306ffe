#!/usr/bin/env bash
# Une situation, de la saisine à la prise en charge par un partenaire, avec curl et python3.
#
#   clients/curl/story.sh [adresse du serveur] [fichier des comptes]
#
# Contre la démonstration de « make run ». Ni jeton ni mot de passe n'est un argument : on les lirait dans « ps ». Le
# dossier de travail n'est lisible que de son propriétaire, et disparaît à la fin.
set -eu -o pipefail

SERVER=${1:-http://127.0.0.1:8000}
ACCOUNTS=${2:-.relais/demo-accounts.json}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
BROKEN=0

# --- Les outils --------------------------------------------------------------------------------------------------

# field a 0 b : lit un champ du JSON reçu.
field() {
  python3 -c 'import json, sys
said = json.load(sys.stdin)
for step in sys.argv[1:]:
    said = said[int(step)] if isinstance(said, list) else said.get(step)
print("" if said is None else said)' "$@"
}

# Un UUIDv7, choisi ici avant d'envoyer : la clé d'une écriture.
new_id() {
  python3 -c 'import os, time, uuid
tail = int.from_bytes(os.urandom(10), "big")
said = (time.time_ns() // 1_000_000) << 80 | tail
print(uuid.UUID(int=said & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))'
}

# ask JETON MÉTHODE CHEMIN [CORPS [EN-TÊTE…]] : le statut dans STATUS, le reste dans $WORK/body et $WORK/head.
ask() {
  local token=$1 method=$2 path=$3 body=${4-} type=application/json sent=() header
  shift $(($# < 4 ? $# : 4))
  for header in "$@"; do sent+=(-H "$header"); done
  if [ "$method" = PATCH ]; then type=application/merge-patch+json; fi
  if [ -n "$body" ]; then sent+=(-H "Content-Type: $type" --data-binary @-); fi
  if [ -n "$token" ]; then printf 'Authorization: Bearer %s\n' "$token" >"$WORK/bearer"; else : >"$WORK/bearer"; fi
  STATUS=$(printf '%s' "$body" | curl --silent --show-error --max-time 30 --request "$method" "$SERVER$path" \
    -H @"$WORK/bearer" ${sent[@]+"${sent[@]}"} --dump-header "$WORK/head" --output "$WORK/body" --write-out '%{http_code}')
}

# write JETON CHEMIN CORPS [EN-TÊTE…] : une écriture, renvoyée sous la même clé tant que rien de sûr n'est revenu.
write() {
  local token=$1 path=$2 body=$3 key
  shift 3
  key=$(new_id)
  for pause in 1 2 4 8 0; do
    ask "$token" POST "$path" "$body" "Idempotency-Key: $key" "$@" || STATUS=000
    case $STATUS in
      000 | 429 | 503) sleep "$pause" ;;
      409) if [ "$(told code)" = idempotency_in_flight ]; then sleep "$pause"; else break; fi ;;
      *) break ;;
    esac
  done
  case $STATUS in
    2*) ;;
    *) echo "Refusé : $STATUS $(told code). $(told detail)" >&2; exit 1 ;;
  esac
}

told() { field "$@" <"$WORK/body"; }
header() { tr -d '\r' <"$WORK/head" | sed -n "s/^$1: //Ip"; }

promise() {
  local sentence=$1 found=$2 expected=$3
  if [ "$found" = "$expected" ]; then
    echo "  ✓ $sentence"
  else
    echo "  ✗ $sentence ($found au lieu de $expected)"
    BROKEN=$((BROKEN + 1))
  fi
}

# account RÔLE [CHAMP VALEUR] : le premier compte de ce rôle, ou celui dont un champ a (ou contient) cette valeur.
account() {
  python3 -c 'import json, sys
path, role, *wanted = sys.argv[1:]
for each in json.load(open(path)):
    if each["role"] == role and (not wanted or wanted[1] in each.get(wanted[0], ())):
        print(json.dumps(each))
        break' "$ACCOUNTS" "$@"
}

# sign_in COMPTE : le mot de passe, puis le code que la personne lit sur son téléphone ; le jeton dans TOKEN.
sign_in() {
  local said code
  said=$(printf '%s' "$1" | python3 -c 'import json, sys
said = json.load(sys.stdin)
print(json.dumps({"email": said["email"], "password": said["password"], "client_id": "exemple-curl"}))')
  ask "" POST /v1/auth/login "$said"
  promise "$(printf '%s' "$1" | field name) donne son mot de passe." "$STATUS" 200
  CHALLENGED=$(told challenge)
  if [ -n "$CHALLENGED" ]; then
    echo "Code de $(printf '%s' "$1" | field email) :" >&2
    read -r code
    ask "" POST /v1/auth/mfa "{\"challenge\": \"$CHALLENGED\", \"code\": \"$code\"}"
    promise "Et un code." "$STATUS" 200
  fi
  TOKEN=$(told access_token)
  REFRESH=$(told refresh_token)
}

# --- L'histoire --------------------------------------------------------------------------------------------------

echo "1. L'unité et l'intervenante sociale se connectent."
UNIT=$(account police_officer)
sign_in "$UNIT"
OFFICER=$TOKEN
SERVING=$(account social_worker units "$(printf '%s' "$UNIT" | field units 0)")
sign_in "$SERVING"
WORKER=$TOKEN
RENEWAL=$REFRESH

echo "2. L'unité saisit ; la réponse se perd, la demande est renvoyée : une seule saisine."
ROSE='{"last_name": "Exemplaire", "first_name": "Rose", "person_status": "victim", "document_type": "complaint",
  "urgency": "urgent", "contact_consent": "given_to_officer"}'
KEY="Idempotency-Key: $(new_id)"
ask "$OFFICER" POST /v1/referrals "$ROSE" "$KEY"
promise "La saisine est envoyée." "$STATUS" 201
REFERRAL=$(told id)
ask "$OFFICER" POST /v1/referrals "$ROSE" "$KEY"
promise "La même clé rend la même saisine." "$(told id)" "$REFERRAL"
promise "Et le dit." "$(header Idempotency-Replayed)" true
ask "$OFFICER" POST /v1/referrals "${ROSE/Rose/Autre}" "$KEY"
promise "Une autre demande n'a pas droit à cette clé." "$STATUS $(told code)" "422 idempotency_key_reused"
write "$OFFICER" /v1/referrals "$ROSE" "Prefer: handling=strict, dry-run"
promise "Un essai répond." "$(header Preference-Applied)" dry-run
ask "$OFFICER" GET "/v1/referrals/$(told id)"
promise "Et n'écrit rien." "$STATUS $(told code)" "404 not_found"

echo "3. L'intervenante sociale accepte : la situation s'ouvre. Elle écrit une note."
write "$WORKER" "/v1/referrals/$REFERRAL/accept" '{}'
SITUATION=$(told id)
PERSON=$(told participations 0 id)
write "$WORKER" "/v1/participations/$PERSON/notes" '{"text": "Elle me confie ne plus dormir chez elle."}'
NOTE=$(told id)
ask "$WORKER" GET "/v1/notes/$NOTE"
promise "Elle relit sa note." "$(told text)" "Elle me confie ne plus dormir chez elle."

echo "4. L'unité ne lit ni la situation, ni la note."
for PLACE in "situations/$SITUATION" "notes/$NOTE" "notes/$(new_id)"; do
  ask "$OFFICER" GET "/v1/$PLACE"
  promise "/v1/${PLACE%/*} : refusé, que cela existe ou non." "$STATUS $(told code)" "403 forbidden"
done

echo "5. Corriger demande la version lue."
ask "$WORKER" GET "/v1/situations/$SITUATION"
SEEN=$(header ETag)
ask "$WORKER" PATCH "/v1/situations/$SITUATION" '{"urgency": "immediate"}' "If-Match: $SEEN"
promise "La version lue se corrige." "$STATUS $(told urgency)" "200 immediate"
ask "$WORKER" PATCH "/v1/situations/$SITUATION" '{"urgency": "standard"}' "If-Match: $SEEN"
promise "Une version périmée est refusée." "$STATUS $(told code)" "412 precondition_failed"

echo "6. Qui peut aider ? Une orientation, avec l'accord de la personne, et ses seuls éléments."
ask "$WORKER" GET "/v1/partner-services?need=housing&commune=28085"
DESK=""
for PLACE in 0 1 2 3 4 5 6 7 8 9; do
  SERVICE=$(told items "$PLACE" id)
  DESK=$(account partner partner "$(told items "$PLACE" partner_name)")
  if [ -n "$DESK" ]; then break; fi
done
write "$WORKER" "/v1/participations/$PERSON/orientations" "{\"service_id\": \"$SERVICE\", \"need_type\": \"housing\"}"
ORIENTATION=$(told id)
write "$WORKER" "/v1/orientations/$ORIENTATION/agree" '{"agreed_fields": ["last_name", "message"]}'
# Certains actes (x-recent-proof dans le contrat) demandent une preuve de moins de dix minutes : 401 proof_too_old. Une
# personne réelle donne alors un code neuf ({"code": "…"}) ; un compte fictif n'a que son mot de passe.
if [ -z "$CHALLENGED" ]; then
  ask "$WORKER" POST /v1/auth/step-up "$(printf '%s' "$SERVING" |
    python3 -c 'import json, sys; print(json.dumps({"password": json.load(sys.stdin)["password"]}))')"
  promise "Elle prouve à nouveau qui elle est." "$STATUS" 200
fi
write "$WORKER" "/v1/orientations/$ORIENTATION/transmit" '{"legal_basis": "person_agreement", "fields": ["last_name",
  "message"], "message": "Relogement à prévoir.", "person_informed": "informed_before"}'

echo "7. Le partenaire lit ce qui lui est transmis, confirme, prend en charge."
sign_in "$DESK"
ask "$TOKEN" GET "/v1/orientations/$ORIENTATION"
promise "Il lit le nom." "$(told content last_name)" Exemplaire
promise "Et rien de plus que ce qui est convenu." "$(told content first_name)" ""
write "$TOKEN" "/v1/orientations/$ORIENTATION/acknowledge" '{}'
write "$TOKEN" "/v1/orientations/$ORIENTATION/take-up" '{}'
promise "La personne est prise en charge." "$(told status)" taken_up

echo "8. L'unité apprend un code, rien d'autre."
write "$WORKER" "/v1/referrals/$REFERRAL/feedback" '{"feedback_code": "contact_made"}'
ask "$OFFICER" GET "/v1/referrals/$REFERRAL"
promise "Contact établi." "$(told feedback_code)" contact_made

echo "9. Elle relit ses notes, page après page, renouvelle son jeton, se déconnecte."
for TEXT in "Sa sœur peut l'héberger." "Elle veut y réfléchir."; do
  write "$WORKER" "/v1/participations/$PERSON/notes" "{\"text\": \"$TEXT\"}"
done
LIST="/v1/participations/$PERSON/notes?limit=2"
COUNT=0 PAGES=0 NEXT=$LIST
while [ -n "$NEXT" ]; do
  ask "$WORKER" GET "$NEXT"
  COUNT=$((COUNT + $(python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))' <"$WORK/body")))
  PAGES=$((PAGES + 1))
  CURSOR=$(told next_cursor)
  NEXT=${CURSOR:+$LIST&cursor=$CURSOR}
done
promise "Trois notes, en deux pages." "$COUNT $PAGES" "3 2"
STATUS=$(printf 'grant_type=refresh_token&refresh_token=%s' "$RENEWAL" | curl --silent --show-error "$SERVER/v1/auth/token" \
  --data-binary @- --output "$WORK/body" --write-out '%{http_code}')
promise "Le jeton se renouvelle." "$STATUS" 200
WORKER=$(told access_token)
STATUS=$(printf 'token=%s' "$WORKER" | curl --silent --show-error "$SERVER/v1/auth/revoke" --data-binary @- \
  --output "$WORK/body" --write-out '%{http_code}')
ask "$WORKER" GET "/v1/notes/$NOTE"
promise "Déconnectée, elle ne lit plus rien." "$STATUS" 401

if [ "$BROKEN" -gt 0 ]; then
  echo "$BROKEN promesse(s) non tenue(s)."
  exit 1
fi
echo "Toutes les promesses sont tenues."
