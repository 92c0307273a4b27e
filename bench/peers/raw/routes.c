#include "program.h"
#include "requests.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { per_batch = 256 };
static const in_addr_t first_destination = 0x0b000000;

static struct stack stacks[2];

static void hold(void) {
  build_pair(stacks);
  go_home();
}

static void on_drop(int size) {
  (void)size;
  close_stack(stacks[0]);
  close_stack(stacks[1]);
  puts("{}");
}

// Host routes 11.0.0.0, 11.0.0.1, …, each like `pattern`.
static void add(int count, struct route pattern) {
  struct batch *batch = &shared_batch;
  for (int i = 0; i < count; i++) {
    pattern.destination = first_destination + (in_addr_t)i;
    add_route(batch, pattern);
    if ((i + 1) % per_batch == 0)
      commit(stacks[0].socket, batch);
  }
  commit(stacks[0].socket, batch);
}

// ---- adding ----

static void hold_empty(int count) {
  (void)count;
  hold();
  answer_paths(stacks, 1);
}

// The routes of the run before this one go with their link.
static void run_add(int count) {
  struct batch *batch = &shared_batch;
  lower_link(batch, first_index);
  raise_link(batch, first_index);
  commit(stacks[0].socket, batch);
  const double start = milliseconds();
  add(count, (struct route){.length = 32, .link = first_index});
  answer_run(milliseconds() - start);
}

const struct workload routes_add = {.name = "routes-add", .hold = hold_empty, .run = run_add, .drop = on_drop};

// ---- reading ----

static struct route *found;
static int found_count, found_room;

static void decode(const struct nlmsghdr *header) {
  const struct rtmsg *body = NLMSG_DATA(header);
  struct route route = {.length = body->rtm_dst_len};
  uint32_t table = body->rtm_table;
  int left = RTM_PAYLOAD(header);
  for (const struct rtattr *each = RTM_RTA(body); RTA_OK(each, left); each = RTA_NEXT(each, left)) {
    uint32_t value = 0;
    if (RTA_PAYLOAD(each) != sizeof value)
      continue;
    memcpy(&value, RTA_DATA(each), sizeof value);
    switch (each->rta_type) {
    case RTA_DST:
      route.destination = ntohl(value);
      break;
    case RTA_GATEWAY:
      route.gateway = ntohl(value);
      break;
    case RTA_OIF:
      route.link = (int)value;
      break;
    case RTA_PRIORITY:
      route.metric = value;
      break;
    case RTA_TABLE:
      table = value;
      break;
    default:
      break;
    }
  }
  if (table != RT_TABLE_MAIN)
    return;
  if (found_count == found_room) {
    found_room = found_room == 0 ? 1024 : 2 * found_room;
    found = realloc(found, (size_t)found_room * sizeof *found);
    check(found != NULL, "realloc");
  }
  found[found_count++] = route;
}

static void hold_full(int count) {
  hold();
  add(count, (struct route){.length = 32, .gateway = 0x0a000002, .link = first_index, .metric = 100});
  answer_paths(stacks, 1);
}

static void run_dump(int count) {
  struct batch *batch = &shared_batch;
  uint64_t sum = 0;
  const double start = milliseconds();
  found_count = 0;
  struct rtmsg *body = begin(batch, RTM_GETROUTE, NLM_F_DUMP, sizeof *body);
  body->rtm_family = AF_INET;
  dump(stacks[0].socket, batch, decode);
  for (int i = 0; i < found_count; i++)
    sum += found[i].destination + found[i].gateway + (uint64_t)found[i].link + found[i].metric;
  const double end = milliseconds();
  check(found_count > count && sum != 0, "the number of routes");
  answer_run(end - start);
}

const struct workload routes_dump = {.name = "routes-dump", .hold = hold_full, .run = run_dump, .drop = on_drop};
