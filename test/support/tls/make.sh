#!/bin/sh
# Makes the certificates of the stand-in API server anew. They last a hundred years, so nobody should have to.
set -eu
cd "$(dirname "$0")"
ca=$(mktemp -d)
trap 'rm -rf "$ca"' EXIT
: > "$ca/index.txt"
cat > "$ca/ca.cnf" <<'END'
[ca]
default_ca = own
[own]
database = $ENV::CA/index.txt
new_certs_dir = $ENV::CA
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
organizationName = optional
END
export CA="$ca"
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
signed() { # name, subject, names, from, to
  new_key "$1.key"
  openssl req -new -key "$1.key" -subj "$2" -addext "subjectAltName=$3" -out "$ca/$1.csr"
  openssl ca -batch -notext -config "$ca/ca.cnf" -cert ca.crt -keyfile "$ca/ca.key" \
    -startdate "$4" -enddate "$5" -in "$ca/$1.csr" -out "$1.crt" 2> /dev/null
}
new_key "$ca/ca.key"
openssl req -x509 -new -key "$ca/ca.key" -subj "/CN=netlearn test authority" -days 36500 -out ca.crt
signed server "/CN=localhost" "DNS:localhost,IP:127.0.0.1" 20200101000000Z 21200101000000Z
signed expired "/CN=localhost" "DNS:localhost,IP:127.0.0.1" 20200101000000Z 20210101000000Z
signed elsewhere "/CN=elsewhere.example" "DNS:elsewhere.example" 20200101000000Z 21200101000000Z
signed client "/O=readers/CN=learner" "DNS:learner" 20200101000000Z 21200101000000Z
