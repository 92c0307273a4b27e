# One namespace with two ends of a veth; what all that is about routes begins with.

# routes_like OPTIONS: host routes 11.0.0.0, 11.0.0.1, …
routes_like() {
  awk -v count="$size" -v options="$1" 'BEGIN {
    for (i = 0; i < count; i++)
      printf "route add 11.%d.%d.%d/32 dev eth0 %s\n", i / 65536, i / 256 % 256, i % 256, options
  }'
}

build_link() {
  namespaces=(bench-a bench-b)
  ip -batch - <<'END'
netns add bench-a
netns add bench-b
END
  ip -n bench-a -batch - <<'END'
link add eth0 up type veth peer name eth0 netns bench-b
addr add 10.0.0.1/24 dev eth0
END
  ip -n bench-b link set eth0 up
}
