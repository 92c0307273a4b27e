# A process for each namespace; the ends are made where they belong, and the bridge goes up last.

hub_commands() {
  echo link add br0 type bridge
  echo addr add 10.0.0.1/16 dev br0
  echo link set lo up
  for ((i = 1; i <= size; i++)); do
    echo "link add p$i up master br0 numtxqueues 1 numrxqueues 1" \
      "type veth peer name eth0 numtxqueues 1 numrxqueues 1 netns bench-$i"
  done
  echo link set br0 up
}

build() {
  local i
  namespaces=(bench-hub)
  for ((i = 1; i <= size; i++)); do namespaces+=("bench-$i"); done
  printf 'netns add %s\n' "${namespaces[@]}" | ip -batch -
  hub_commands | ip -n bench-hub -batch -
  for ((i = 1; i <= size; i++)); do
    ip -n "bench-$i" -batch - <<END
link set eth0 up
addr add 10.0.$(((i + 1) / 256)).$(((i + 1) % 256))/16 dev eth0
link set lo up
route add default via 10.0.0.1
END
  done
}
