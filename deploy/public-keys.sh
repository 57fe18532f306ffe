#!/usr/bin/env bash
# Le jeu de clés publiques (JWKS) d'une ou de plusieurs clés de signature P-256 :
#   deploy/public-keys.sh CLÉ.pem [ANCIENNE.pem…] > relais_verification_keys
# Ne demande qu'openssl. Les clés peuvent être privées ou publiques ; il n'en sort que la partie publique.
# Un trousseau (« relais keys rotate ») donne toutes les siennes, celle qui signe d'abord ; une clé retirée garde sa date.
set -euo pipefail

if [ $# -eq 0 ]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 64
fi

b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# La clé publique (DER) d'une clé P-256 finit par le point non compressé : 04, x (32 octets), y (32 octets).
readonly HEAD=3059301306072a8648ce3d020106082a8648ce3d03010703420004

keys=()
# add CLÉ [JUSQU'À] : la clé, telle qu'openssl la lit sur son entrée.
add() {
    local name=$1 pem=$2 until=${3:-} hex x y kid
    hex=$( (openssl pkey -pubout -outform DER <<<"$pem" 2>/dev/null || openssl pkey -pubin -outform DER <<<"$pem") \
        | od -An -v -tx1 | tr -d ' \n')
    if [ "${hex:0:54}" != "$HEAD" ] || [ ${#hex} -ne 182 ]; then
        echo "$name : ce n'est pas une clé P-256." >&2
        exit 65
    fi
    bytes() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
    x=$(bytes "${hex:54:64}" | b64url)
    y=$(bytes "${hex:118:64}" | b64url)
    # RFC 7638 : l'empreinte porte sur ces quatre membres, dans cet ordre, sans espace.
    kid=$(printf '{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}' "$x" "$y" | openssl dgst -sha256 -binary | b64url)
    [ -n "$until" ] && until=", \"until\": \"$until\""
    keys+=("{\"crv\": \"P-256\", \"kty\": \"EC\", \"x\": \"$x\", \"y\": \"$y\", \"alg\": \"ES256\", \"use\": \"sig\", \"kid\": \"$kid\"$until}")
}
member() { sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" <<<"$2"; }

for file in "$@"; do
    if [ "$(head -c 1 "$file")" = "{" ]; then
        # Une clé par ligne, celle qui signe la première : c'est ainsi que la commande l'écrit.
        while IFS= read -r line; do
            [[ $line == *'"pem": '* ]] && add "$file" "$(printf '%b' "$(member pem "$line")")" "$(member until "$line")"
        done <"$file"
    else
        add "$file" "$(<"$file")"
    fi
done
if [ ${#keys[@]} -eq 0 ]; then
    echo "Aucune clé dans $*." >&2
    exit 65
fi
list=$(printf ', %s' "${keys[@]}")
printf '{"keys": [%s]}\n' "${list:2}"
