# As tutorials have it: the pairs are made outside, and their ends are moved.

build() {
  local i leaf
  namespaces=(bench-hub)
  ip netns add bench-hub
  ip -n bench-hub link add br0 type bridge
  ip -n bench-hub addr add 10.0.0.1/16 dev br0
  ip -n bench-hub link set lo up
  ip -n bench-hub link set br0 up
  for ((i = 1; i <= size; i++)); do
    leaf=bench-$i
    namespaces+=("$leaf")
    ip netns add "$leaf"
    ip link add "p$i" type veth peer name eth0
    ip link set "p$i" netns bench-hub
    ip link set eth0 netns "$leaf"
    ip -n bench-hub link set "p$i" master br0
    ip -n bench-hub link set "p$i" up
    ip -n "$leaf" addr add "10.0.$(((i + 1) / 256)).$(((i + 1) % 256))/16" dev eth0
    ip -n "$leaf" link set lo up
    ip -n "$leaf" link set eth0 up
    ip -n "$leaf" route add default via 10.0.0.1
  done
}
