#!/usr/bin/env bash
# Fabrique les secrets que docker-compose.yml monte dans les conteneurs, un fichier chacun (0600) :
#   sudo deploy/make-secrets.sh [DOSSIER]          (par défaut : deploy/secrets)
# Rejouable : ce qui existe n'est jamais réécrit. Ne demande que bash et openssl ; n'affiche aucun secret.
# RELAIS_DOMAIN : le domaine du certificat d'essai, s'il n'y en a pas encore (relais.localhost).
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/secrets}
domain=${RELAIS_DOMAIN:-relais.localhost}

# Les voies de chaque processus : app/access/policy.toml. tests/deploy vérifie que les deux listes sont la même.
readonly LANES="authentication social_worker partner coordinator observatory administrator dpo answering police_officer \
unit_commander worker"

# Comptes qui lisent, dans les conteneurs : Relais (Dockerfile), PostgreSQL et nginx (leurs images).
readonly RELAIS_UID=10001 POSTGRES_UID=999 NGINX_UID=101

mkdir -p "$folder"
chmod 0700 "$folder"
count() { find "$folder" -type f -not -name '.*' | wc -l; }
before=$(count)

# put NOM : écrit l'entrée dans un fichier neuf, d'un seul coup ; ne touche jamais à celui qui existe.
put() {
    local draft
    draft=$(mktemp "$folder/.draft.XXXXXX")
    cat >"$draft"
    if [ ! -s "$draft" ]; then
        rm -f "$draft"
        echo "$1 : rien n'a été produit." >&2
        exit 70
    fi
    ln "$draft" "$folder/$1" 2>/dev/null || true
    rm -f "$draft"
}
missing() { [ ! -e "$folder/$1" ]; }
# Commence par une lettre : un mot de passe tout en chiffres se lirait comme un nombre.
password() { printf 'r%s\n' "$(openssl rand -hex 32)"; }
key() { openssl rand -base64 32; }

# --- Base de données : un mot de passe par voie, et l'adresse qui le porte. ---
missing postgres_password && password | put postgres_password
missing relais_bootstrap_url && put relais_bootstrap_url <<<"postgresql://postgres:$(<"$folder/postgres_password")@db:5432/postgres"
for role in migrator $LANES; do
    secret=relais_lane_password__$role
    missing "$secret" && password | put "$secret"
    url=relais_database_url__$role
    [ "$role" = migrator ] && url=relais_migrator_url
    missing "$url" && put "$url" <<<"postgresql://relais_$role:$(<"$folder/$secret")@db:5432/relais"
    if [[ $(<"$folder/$url") != *":$(<"$folder/$secret")@"* ]]; then
        echo "$url ne porte pas le mot de passe de $secret : l'un des deux est à effacer, puis relancer." >&2
        exit 65
    fi
done

# --- Clés. La clé de scellement est irremplaçable : sans elle, aucune note ne se relit. ---
missing relais_sealing_key && key | put relais_sealing_key
# Celle des statistiques ne change jamais : deux publications tirées autrement se moyenneraient.
missing relais_statistics_key && key | put relais_statistics_key
missing relais_refresh_key && key | put relais_refresh_key
# Sans elle, les seconds facteurs ne s'ouvrent plus : chacun serait à réinviter.
missing relais_identity_key && key | put relais_identity_key
# Signe les ancres des traces ; sa partie publique se garde avec elles, ailleurs.
missing relais_anchor_key && openssl genpkey -algorithm ED25519 2>/dev/null | put relais_anchor_key
missing cursor_key_social && key | put cursor_key_social
missing cursor_key_police && key | put cursor_key_police
# Scellent les secrets de signature des abonnements ; sans elles, chaque abonné est à réabonner.
missing webhook_key && key | put webhook_key
missing relais_signing_key && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | put relais_signing_key
missing relais_verification_keys && "$here/public-keys.sh" "$folder/relais_signing_key" | put relais_verification_keys
kid=$("$here/public-keys.sh" "$folder/relais_signing_key" | grep -o '"kid": "[^"]*"' | head -n 1)
if ! grep -qF "$kid" "$folder/relais_verification_keys"; then
    echo "relais_verification_keys ne contient pas la clé de relais_signing_key : voir docs/operations/keys.md." >&2
    exit 65
fi

# --- TLS : un certificat d'essai, signé par lui-même. En service, poser le vrai à sa place. ---
if missing tls_key && missing tls_certificate; then
    draft=$(mktemp -d "$folder/.draft.XXXXXX")
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 90 -subj "/CN=$domain" \
        -addext "subjectAltName=DNS:police.$domain,DNS:social.$domain" \
        -keyout "$draft/key" -out "$draft/certificate" 2>/dev/null
    put tls_key <"$draft/key"
    put tls_certificate <"$draft/certificate"
    rm -rf "$draft"
    echo "Certificat d'essai pour police.$domain et social.$domain : à remplacer avant d'ouvrir le service."
fi

chmod 0600 "$folder"/*
if [ "$(id -u)" -eq 0 ]; then
    chown "$RELAIS_UID" "$folder"/relais_* "$folder"/cursor_key_* "$folder"/webhook_key
    chown "$POSTGRES_UID" "$folder/postgres_password"
    chown "$NGINX_UID" "$folder/tls_key" "$folder/tls_certificate"
else
    echo "Sans être root, les fichiers restent à vous et les conteneurs ne pourront pas les lire : relancez avec sudo."
fi
echo "$(($(count) - before)) secret(s) fabriqué(s) dans $folder ; $before y étai(en)t déjà."
