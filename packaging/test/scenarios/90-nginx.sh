# shellcheck disable=SC2154  # helpers.sh and scenario set what is used here
# The shipped configuration of nginx, on Debian's nginx: TLS, HTTP/2, the Unix socket, a host's root and a sub-path.

fresh
examples=/usr/share/doc/exeio/examples/nginx
check "the examples are there" ls "$examples"
