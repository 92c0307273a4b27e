#include "program.h"
#include "requests.h"

#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { per_batch = 64 };

struct link {
  int index;
  uint32_t mtu;
  uint8_t mac[6];
  char name[16];
  char kind[16];
};

static struct stack stack;
static struct link *found;
static int found_count, found_room;

static void copy_text(char *to, size_t size, const struct rtattr *from) {
  const size_t length = RTA_PAYLOAD(from);
  memcpy(to, RTA_DATA(from), length < size ? length : size);
  to[size - 1] = '\0';
}

static void decode_info(struct link *link, const struct rtattr *info) {
  int left = (int)RTA_PAYLOAD(info);
  for (const struct rtattr *each = RTA_DATA(info); RTA_OK(each, left); each = RTA_NEXT(each, left))
    if (each->rta_type == IFLA_INFO_KIND)
      copy_text(link->kind, sizeof link->kind, each);
}

static void decode(const struct nlmsghdr *header) {
  const struct ifinfomsg *body = NLMSG_DATA(header);
  struct link link = {.index = body->ifi_index};
  int left = IFLA_PAYLOAD(header);
  for (const struct rtattr *each = IFLA_RTA(body); RTA_OK(each, left); each = RTA_NEXT(each, left)) {
    switch (each->rta_type) {
    case IFLA_IFNAME:
      copy_text(link.name, sizeof link.name, each);
      break;
    case IFLA_MTU:
      memcpy(&link.mtu, RTA_DATA(each), sizeof link.mtu);
      break;
    case IFLA_ADDRESS:
      if (RTA_PAYLOAD(each) == sizeof link.mac)
        memcpy(link.mac, RTA_DATA(each), sizeof link.mac);
      break;
    case IFLA_LINKINFO:
      decode_info(&link, each);
      break;
    default:
      break;
    }
  }
  if (found_count == found_room) {
    found_room = found_room == 0 ? 1024 : 2 * found_room;
    found = realloc(found, (size_t)found_room * sizeof *found);
    check(found != NULL, "realloc");
  }
  found[found_count++] = link;
}

static void on_hold(int pairs) {
  struct batch *batch = &shared_batch;
  char name[16];
  char other[16];
  stack = new_stack();
  go_home();
  for (int i = 0; i < pairs; i++) {
    snprintf(name, sizeof name, "a%d", i);
    snprintf(other, sizeof other, "b%d", i);
    add_veth(batch, (struct end){.name = name}, (struct end){.name = other, .namespace = -1});
    if ((i + 1) % per_batch == 0)
      commit(stack.socket, batch);
  }
  commit(stack.socket, batch);
  answer_paths(&stack, 1);
}

static void on_run(int pairs) {
  struct batch *batch = &shared_batch;
  uint64_t sum = 0;
  const double start = milliseconds();
  found_count = 0;
  begin(batch, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
  dump(stack.socket, batch, decode);
  for (int i = 0; i < found_count; i++)
    sum += (uint64_t)found[i].index + found[i].mtu + found[i].mac[5] + (uint8_t)found[i].name[0] +
           (uint8_t)found[i].kind[0];
  const double end = milliseconds();
  check(found_count == 2 * pairs + 1 && sum != 0, "the number of links");
  answer_run(end - start);
}

static void on_drop(int pairs) {
  (void)pairs;
  close_stack(stack);
  puts("{}");
}

const struct workload links_dump = {.name = "links-dump", .hold = on_hold, .run = on_run, .drop = on_drop};
