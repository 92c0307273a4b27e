build() {
  namespaces=(bench-a)
  ip netns add bench-a
}

where() { ip netns exec bench-a readlink /proc/self/ns/net; }

run() {
  timed ip netns exec bench-a /bin/true
  echo "{\"run\":$REPLY}"
}
