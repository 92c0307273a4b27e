source "${BASH_SOURCE[0]%/*}/routes.sh"

build() {
  build_link
  routes_like 'via 10.0.0.2 metric 100' | ip -n bench-a -batch -
}

read_routes() { ip -n bench-a -4 -j route show >/run/dump; }

run() {
  timed read_routes
  echo "{\"run\":$REPLY}"
}
