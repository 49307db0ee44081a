#!/usr/bin/env bash
# within.sh TREE [--bind DIRECTORY] COMMAND [ARGUMENT ...]: runs a command in a Debian tree, with /proc, /dev and a clean environment.
#
# All mounts live in a namespace of their own and go with the command. Needs root.
set -euo pipefail

tree=$1
shift
bound=
if [[ $1 == --bind ]]; then
  bound=$2
  shift 2
fi

# What a network needs that is reached through a proxy or with certificates of its own.
carried=()
while IFS= read -r name; do carried+=("$name=${!name}"); done < <(compgen -e | grep -iE '^(https?_proxy|no_proxy|all_proxy|ssl_cert_file|ssl_cert_dir)$' || true)
clean=(env -i HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive
  "PATH=${bound:+$bound/usr/bin:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "${carried[@]}")

[[ -z $bound ]] || mkdir -p "$tree$bound"
# shellcheck disable=SC2016  # the inner shell expands these
exec unshare --mount --propagation private --pid --fork --kill-child sh -c '
  set -e
  tree=$1 bound=$2
  shift 2
  mount --rbind /dev "$tree/dev"
  mount -t proc proc "$tree/proc"
  if [ -n "$bound" ]; then
    mount --bind "$bound" "$tree$bound"
    mount -o remount,bind,ro "$tree$bound"
  fi
  exec chroot "$tree" "$@"' sh "$tree" "$bound" "${clean[@]}" "$@"
