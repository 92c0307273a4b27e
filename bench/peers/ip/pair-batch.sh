# A process for each namespace; the ends are made where they belong.

build() {
  namespaces=(bench-a bench-b)
  ip -batch - <<'END'
netns add bench-a
netns add bench-b
END
  ip -n bench-a -batch - <<'END'
link add eth0 up numtxqueues 1 numrxqueues 1 type veth peer name eth0 numtxqueues 1 numrxqueues 1 netns bench-b
addr add 10.0.0.1/24 dev eth0
link set lo up
END
  ip -n bench-b -batch - <<'END'
link set eth0 up
addr add 10.0.0.2/24 dev eth0
link set lo up
route add default via 10.0.0.1
END
}
