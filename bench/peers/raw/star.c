#include "program.h"
#include "requests.h"

#include <stdio.h>

// The hub is the first one. The bridge goes up last: until then nothing is flooded to those that are there already.
enum { most = 1024, chunk = 64, bridge_index = first_index, first_port = 10 };
static const in_addr_t gateway = 0x0a000001;

static struct stack stacks[most];

static void add_leaves(int first, int last) {
  struct batch *batch = &shared_batch;
  char name[16];
  for (int i = first; i < last; i++)
    stacks[i] = new_stack();
  for (int i = first; i < last; i++) {
    snprintf(name, sizeof name, "p%d", i);
    add_veth(batch, (struct end){.name = name, .index = first_port + i, .master = bridge_index, .up = 1},
             (struct end){.name = "eth0", .index = first_index, .namespace = stacks[i].namespace});
  }
  commit(stacks[0].socket, batch);
  for (int i = first; i < last; i++) {
    raise_link(batch, loopback_index);
    raise_link(batch, first_index);
    add_address(batch, first_index, gateway + (in_addr_t)i, 16);
    add_route(batch, (struct route){.gateway = gateway});
    commit(stacks[i].socket, batch);
  }
}

static void build(int leaves) {
  struct batch *batch = &shared_batch;
  check(leaves < most, "the number of leaves");
  stacks[0] = new_stack();
  raise_link(batch, loopback_index);
  add_bridge(batch, (struct end){.name = "br0", .index = bridge_index});
  add_address(batch, bridge_index, gateway, 16);
  commit(stacks[0].socket, batch);
  for (int i = 1; i <= leaves; i += chunk)
    add_leaves(i, i + chunk <= leaves ? i + chunk : leaves + 1);
  raise_link(batch, bridge_index);
  commit(stacks[0].socket, batch);
  go_home();
}

static void drop(int leaves) {
  for (int i = leaves; i >= 0; i--)
    close_stack(stacks[i]);
}

static void on_hold(int leaves) {
  build(leaves);
  answer_paths(stacks, leaves + 1);
}

static void on_run(int leaves) {
  const double start = milliseconds();
  build(leaves);
  const double built = milliseconds();
  drop(leaves);
  answer_run_and_close(built - start, milliseconds() - built);
}

static void on_drop(int leaves) {
  drop(leaves);
  puts("{}");
}

const struct workload star = {.name = "star", .hold = on_hold, .run = on_run, .drop = on_drop};
