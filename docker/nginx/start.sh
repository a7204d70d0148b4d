#!/bin/sh
# Fills in kaiwa.conf.template from the environment and starts nginx.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
nginx=${NGINX_BIN:-nginx}
template=${NGINX_TEMPLATE:-$here/kaiwa.conf.template}
# The configuration, the process id and temporary files.
folder=${KAIWA_NGINX_DIR:-/tmp/kaiwa-nginx}
# The built client: index.html, csp.txt, assets.
root=${KAIWA_ROOT:-/usr/share/kaiwa}
port=${KAIWA_PORT:-3000}
backend_host=${BACKEND_HOST:-backend}
backend_port=${BACKEND_INTERNAL_PORT:-8001}
max_body=${KAIWA_MAX_BODY:-4m}
chain=off
[ -z "${TRUSTED_PROXIES:-}" ] || chain=on
trusted=${TRUSTED_PROXIES:-127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1/128,fc00::/7}

fail() {
    echo "start.sh: $1" >&2
    exit 1
}

# No value from the environment may become a directive.
plain() {
    case $2 in
        '' | *[!A-Za-z0-9._:,/-]*) fail "$1 has an invalid value: '$2'" ;;
    esac
}
plain BACKEND_HOST "$backend_host"
plain BACKEND_INTERNAL_PORT "$backend_port"
plain KAIWA_PORT "$port"
plain KAIWA_MAX_BODY "$max_body"
plain TRUSTED_PROXIES "$trusted"
[ -f "$root/index.html" ] || fail "there is no client in $root (KAIWA_ROOT)"

# In Kubernetes, the short name of a service needs the search list, which nginx ignores.
search=$(sed -n 's/^search[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/resolv.conf 2>/dev/null | head -n 1)
case $backend_host in
    *.* | *:*) ;;
    *) case $search in *.svc.*) backend_host=$backend_host.$search ;; esac ;;
esac
# IPv6 addresses need brackets.
case $backend_host in *:*) backend_host="[$backend_host]" ;; esac
servers=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2) }' /etc/resolv.conf 2>/dev/null |
    sed 's/%[^]]*//' | tr '\n' ' ')
resolver="resolver ${servers:-127.0.0.11 }valid=5s;"

real_ip_from='' proxy_networks=''
for network in $(echo "$trusted" | tr ',' ' '); do
    real_ip_from="$real_ip_from set_real_ip_from $network;"
    proxy_networks="$proxy_networks $network 1;"
done

load_brotli='' brotli='' user='' listen_ipv6=''
for module in /usr/lib/nginx/modules /usr/lib64/nginx/modules; do
    if [ -f "$module/ngx_http_brotli_static_module.so" ]; then
        load_brotli="load_module $module/ngx_http_brotli_static_module.so;" brotli='brotli_static on;'
        break
    fi
done
# As root, nginx would otherwise switch to a user that may not be able to read the client.
[ "$(id -u)" != 0 ] || user='user root;'
[ ! -f /proc/net/if_inet6 ] || listen_ipv6="listen [::]:$port;"

policy=$(cat "$root/csp.txt")
escaped() {
    printf '%s' "$1" | sed 's/[\\&|]/\\&/g'
}
mkdir -p "$folder"
sed -e "s|{LOAD_BROTLI}|$load_brotli|" -e "s|{BROTLI}|$brotli|" -e "s|{USER}|$user|" \
    -e "s|{PORT}|$port|" -e "s|{LISTEN_IPV6}|$listen_ipv6|" -e "s|{ROOT}|$(escaped "$root")|" \
    -e "s|{BACKEND}|$backend_host:$backend_port|" -e "s|{MAX_BODY}|$max_body|" -e "s|{RESOLVER}|$resolver|" \
    -e "s|{REAL_IP_FROM}|$real_ip_from|" -e "s|{CHAIN}|$chain|" -e "s|{PROXY_NETWORKS}|$proxy_networks|" \
    -e "s|{POLICY}|$(escaped "$policy")|" "$template" >"$folder/nginx.conf"
exec "$nginx" -e stderr -p "$folder/" -c "$folder/nginx.conf" "$@"
