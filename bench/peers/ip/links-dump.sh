links() {
  for ((i = 0; i < size; i++)); do echo "link add a$i numtxqueues 1 numrxqueues 1 type veth peer name b$i"; done
}

build() {
  namespaces=(bench-a)
  ip netns add bench-a
  links | ip -n bench-a -batch -
}

read_links() { ip -n bench-a -j -d link show >/run/dump; }

run() {
  timed read_links
  echo "{\"run\":$REPLY}"
}
