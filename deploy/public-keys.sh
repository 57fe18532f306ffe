#!/usr/bin/env bash
# Le jeu de clés publiques (JWKS) d'une ou de plusieurs clés de signature P-256 :
#   deploy/public-keys.sh CLÉ.pem [ANCIENNE.pem…] > relais_verification_keys
# Ne demande qu'openssl. Les clés peuvent être privées ou publiques ; il n'en sort que la partie publique.
set -euo pipefail

if [ $# -eq 0 ]; then
    sed -n '2,4s/^# //p' "$0" >&2
    exit 64
fi

b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# La clé publique (DER) d'une clé P-256 finit par le point non compressé : 04, x (32 octets), y (32 octets).
readonly HEAD=3059301306072a8648ce3d020106082a8648ce3d03010703420004

keys=()
for file in "$@"; do
    hex=$( (openssl pkey -in "$file" -pubout -outform DER 2>/dev/null || openssl pkey -pubin -in "$file" -outform DER) \
        | od -An -v -tx1 | tr -d ' \n')
    if [ "${hex:0:54}" != "$HEAD" ] || [ ${#hex} -ne 182 ]; then
        echo "$file : ce n'est pas une clé P-256." >&2
        exit 65
    fi
    bytes() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
    x=$(bytes "${hex:54:64}" | b64url)
    y=$(bytes "${hex:118:64}" | b64url)
    # RFC 7638 : l'empreinte porte sur ces quatre membres, dans cet ordre, sans espace.
    kid=$(printf '{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}' "$x" "$y" | openssl dgst -sha256 -binary | b64url)
    keys+=("{\"crv\": \"P-256\", \"kty\": \"EC\", \"x\": \"$x\", \"y\": \"$y\", \"alg\": \"ES256\", \"use\": \"sig\", \"kid\": \"$kid\"}")
done
list=$(printf ', %s' "${keys[@]}")
printf '{"keys": [%s]}\n' "${list:2}"
