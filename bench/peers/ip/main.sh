#!/usr/bin/env bash
# The `ip` commands, each a process. Runs in a mount and a network namespace of its own; see ../ip.mjs.
#
#   main.sh WORKLOAD [SIZE]    answers the words of ../../session.mjs, by the functions in WORKLOAD.sh
#   main.sh then COMMAND…      becomes the command, with a /run for `ip netns`
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
command -v ip >/dev/null || { echo 'ip is not installed (apt package iproute2)' >&2; exit 1; }
mount -t tmpfs tmpfs /run
if [[ $1 == then ]]; then shift && exec "$@"; fi

size=${2:-0}
namespaces=() # the names of those that are there

# Sets REPLY to microseconds. No process is started for it.
clock() { REPLY=${EPOCHREALTIME/./}; }

# milliseconds START END
milliseconds() { printf -v REPLY '%d.%03d' $((($2 - $1) / 1000)) $((($2 - $1) % 1000)); }

# timed COMMAND… sets REPLY to its milliseconds
timed() {
  local start
  clock && start=$REPLY
  "$@"
  clock && milliseconds "$start" "$REPLY"
}

remove() {
  ((${#namespaces[@]} == 0)) || printf 'netns delete %s\n' "${namespaces[@]}" | ip -batch -
  namespaces=()
}

# What most workloads are about; a file may have its own. `build` makes the namespaces and lists them.
run() {
  timed build
  echo -n "{\"run\":$REPLY,"
  timed remove
  echo "\"close\":$REPLY}"
}

answer_paths() {
  local name paths=
  for name in "${namespaces[@]}"; do paths+=",\"/proc/$$/root/run/netns/$name\""; done
  echo "{\"paths\":[${paths:1}]}"
}

source "${BASH_SOURCE[0]%/*}/$1.sh"
while read -r word; do
  case $word in
    hold) build && answer_paths ;;
    drop) remove && echo '{}' ;;
    *) "$word" ;;
  esac
done
