# As tutorials have it: the pair is made outside, and its ends are moved.

build() {
  namespaces=(bench-a bench-b)
  ip netns add bench-a
  ip netns add bench-b
  ip link add veth0 type veth peer name veth1
  ip link set veth0 netns bench-a
  ip link set veth1 netns bench-b
  ip -n bench-a addr add 10.0.0.1/24 dev veth0
  ip -n bench-b addr add 10.0.0.2/24 dev veth1
  ip -n bench-a link set lo up
  ip -n bench-b link set lo up
  ip -n bench-a link set veth0 up
  ip -n bench-b link set veth1 up
  ip -n bench-b route add default via 10.0.0.1
}

remove() {
  for name in "${namespaces[@]}"; do ip netns delete "$name"; done
  namespaces=()
}
