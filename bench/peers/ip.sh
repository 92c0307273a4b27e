#!/usr/bin/env bash
# The tutorials' `ip` commands, each a process. Runs in a mount and a network namespace of its own; see ip.mjs.
#
#   ip.sh pair | exec          answers the words of ../session.mjs
#   ip.sh then COMMAND…        becomes the command, with a /run for `ip netns`
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
command -v ip >/dev/null || { echo 'ip is not installed (iproute2)' >&2; exit 1; }
mount -t tmpfs tmpfs /run

a=bench-a b=bench-b
path=/proc/$$/root/run/netns

# Sets REPLY to microseconds. No process is started for it.
clock() { REPLY=${EPOCHREALTIME/./}; }

# milliseconds START END
milliseconds() { printf -v REPLY '%d.%03d' $((($2 - $1) / 1000)) $((($2 - $1) % 1000)); }

build() {
  ip netns add $a
  ip netns add $b
  ip link add veth0 type veth peer name veth1
  ip link set veth0 netns $a
  ip link set veth1 netns $b
  ip -n $a addr add 10.0.0.1/24 dev veth0
  ip -n $b addr add 10.0.0.2/24 dev veth1
  ip -n $a link set lo up
  ip -n $b link set lo up
  ip -n $a link set veth0 up
  ip -n $b link set veth1 up
  ip -n $b route add default via 10.0.0.1
}

close() {
  ip netns delete $a
  ip netns delete $b
}

pair() {
  case $1 in
    hold) build && echo "{\"paths\":[\"$path/$a\",\"$path/$b\"]}" ;;
    drop) close && echo '{}' ;;
    run)
      local start built closed
      clock && start=$REPLY
      build
      clock && built=$REPLY
      close
      clock && closed=$REPLY
      milliseconds "$start" "$built"
      echo -n "{\"run\":$REPLY,"
      milliseconds "$built" "$closed"
      echo "\"close\":$REPLY}"
      ;;
  esac
}

exec_in() {
  case $1 in
    hold) ip netns add $a && echo "{\"paths\":[\"$path/$a\"]}" ;;
    drop) ip netns delete $a && echo '{}' ;;
    where) ip netns exec $a readlink /proc/self/ns/net ;;
    run)
      local start end
      clock && start=$REPLY
      ip netns exec $a /bin/true
      clock && end=$REPLY
      milliseconds "$start" "$end" && echo "{\"run\":$REPLY}"
      ;;
  esac
}

case $1 in
  pair) while read -r word; do pair "$word"; done ;;
  exec) while read -r word; do exec_in "$word"; done ;;
  then) shift && exec "$@" ;;
esac
