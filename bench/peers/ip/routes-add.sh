source "${BASH_SOURCE[0]%/*}/routes.sh"

build() {
  build_link
  routes_like 'scope link' >/run/routes
}

run() {
  # The routes of the run before this one go with their link.
  ip -n bench-a link set eth0 down
  ip -n bench-a link set eth0 up
  timed ip -n bench-a -batch /run/routes
  echo "{\"run\":$REPLY}"
}
