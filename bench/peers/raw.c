// The floor: the same work with nothing between the program and the kernel. Answers the words of ../session.mjs.
//
//   raw pair | exec
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void check(int ok, const char *what) {
  if (ok)
    return;
  perror(what);
  exit(1);
}

static double milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// ---- requests, one after another, for one send ----

struct batch {
  size_t length;
  struct nlmsghdr *current;
  uint32_t sequence;
  _Alignas(NLMSG_ALIGNTO) char bytes[4096];
};

// Appends bytes, filled up with zeros to the next multiple of four, and counts them into the current request.
static void *append(struct batch *batch, const void *data, size_t length) {
  char *place = batch->bytes + batch->length;
  memset(place, 0, NLMSG_ALIGN(length));
  if (data != NULL)
    memcpy(place, data, length);
  batch->length += NLMSG_ALIGN(length);
  batch->current->nlmsg_len = (uint32_t)(batch->bytes + batch->length - (char *)batch->current);
  return place;
}

static void *begin(struct batch *batch, uint16_t type, uint16_t flags, size_t body) {
  batch->current = (struct nlmsghdr *)(batch->bytes + batch->length);
  struct nlmsghdr *header = append(batch, NULL, sizeof *header);
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | flags;
  header->nlmsg_seq = ++batch->sequence;
  return append(batch, NULL, body);
}

static void attribute(struct batch *batch, uint16_t type, const void *data, size_t length) {
  struct rtattr *header = append(batch, NULL, sizeof *header);
  header->rta_type = type;
  header->rta_len = (uint16_t)RTA_LENGTH(length);
  append(batch, data, length);
}

static void attribute_u32(struct batch *batch, uint16_t type, uint32_t value) {
  attribute(batch, type, &value, sizeof value);
}

static struct rtattr *open_nest(struct batch *batch, uint16_t type) {
  struct rtattr *header = append(batch, NULL, sizeof *header);
  header->rta_type = NLA_F_NESTED | type;
  return header;
}

static void close_nest(struct batch *batch, struct rtattr *header) {
  header->rta_len = (uint16_t)(batch->bytes + batch->length - (char *)header);
}

// Sends the batch. An error is reported for any request; only the last one is acknowledged.
static void commit(int socket, struct batch *batch) {
  char answer[4096];
  batch->current->nlmsg_flags |= NLM_F_ACK;
  check(send(socket, batch->bytes, batch->length, 0) == (ssize_t)batch->length, "send");
  for (int done = 0; !done;) {
    const ssize_t received = recv(socket, answer, sizeof answer, 0);
    check(received > 0, "recv");
    unsigned left = (unsigned)received;
    for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type != NLMSG_ERROR)
        continue;
      errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
      check(errno == 0, "netlink");
      done = header->nlmsg_seq == batch->sequence;
    }
  }
  batch->length = 0;
}

// ---- what the requests are about ----

enum { loopback_index = 1, veth_index = 2 };

static void raise_link(struct batch *batch, int index) {
  struct ifinfomsg *link = begin(batch, RTM_SETLINK, 0, sizeof *link);
  link->ifi_index = index;
  link->ifi_flags = link->ifi_change = IFF_UP;
}

// Without a number of queues a veth makes one for each possible CPU and then shrinks to one, which waits for RCU.
static void add_end(struct batch *batch) {
  attribute(batch, IFLA_IFNAME, "eth0", sizeof "eth0");
  attribute_u32(batch, IFLA_NUM_TX_QUEUES, 1);
  attribute_u32(batch, IFLA_NUM_RX_QUEUES, 1);
}

// Made in place: one end here and up, the other in the namespace `peer`. Its index is chosen, so nobody has to ask for
// it.
static void add_veth(struct batch *batch, int peer) {
  struct ifinfomsg *link = begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
  link->ifi_index = veth_index;
  link->ifi_flags = link->ifi_change = IFF_UP;
  add_end(batch);
  struct rtattr *info = open_nest(batch, IFLA_LINKINFO);
  attribute(batch, IFLA_INFO_KIND, "veth", sizeof "veth");
  struct rtattr *data = open_nest(batch, IFLA_INFO_DATA);
  struct rtattr *other = open_nest(batch, VETH_INFO_PEER);
  struct ifinfomsg *end = append(batch, NULL, sizeof *end);
  end->ifi_index = veth_index;
  add_end(batch);
  attribute_u32(batch, IFLA_NET_NS_FD, (uint32_t)peer);
  close_nest(batch, other);
  close_nest(batch, data);
  close_nest(batch, info);
}

static void add_address(struct batch *batch, const char *text) {
  struct in_addr address;
  inet_pton(AF_INET, text, &address);
  struct ifaddrmsg *body = begin(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
  body->ifa_family = AF_INET;
  body->ifa_prefixlen = 24;
  body->ifa_index = veth_index;
  attribute(batch, IFA_LOCAL, &address, sizeof address);
  attribute(batch, IFA_ADDRESS, &address, sizeof address);
}

static void add_default_route(struct batch *batch, const char *text) {
  struct in_addr gateway;
  inet_pton(AF_INET, text, &gateway);
  struct rtmsg *route = begin(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *route);
  route->rtm_family = AF_INET;
  route->rtm_table = RT_TABLE_MAIN;
  route->rtm_protocol = RTPROT_STATIC;
  route->rtm_type = RTN_UNICAST;
  attribute(batch, RTA_GATEWAY, &gateway, sizeof gateway);
}

// ---- namespaces ----

struct stack {
  int namespace;
  int socket;
};

static int home;

static int own_namespace(void) {
  const int descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  check(descriptor >= 0, "open");
  return descriptor;
}

// Leaves this thread inside, where the socket has to be opened.
static struct stack new_stack(void) {
  check(unshare(CLONE_NEWNET) == 0, "unshare");
  const struct stack stack = {own_namespace(), socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  check(stack.socket >= 0, "socket");
  return stack;
}

static void go_home(void) { check(setns(home, CLONE_NEWNET) == 0, "setns"); }

static struct stack a, b;

static void build(void) {
  static struct batch batch;
  b = new_stack();
  a = new_stack();
  raise_link(&batch, loopback_index);
  add_veth(&batch, b.namespace);
  add_address(&batch, "10.0.0.1");
  commit(a.socket, &batch);
  raise_link(&batch, loopback_index);
  raise_link(&batch, veth_index);
  add_address(&batch, "10.0.0.2");
  add_default_route(&batch, "10.0.0.1");
  commit(b.socket, &batch);
  go_home();
}

static void close_stack(struct stack stack) {
  close(stack.socket);
  close(stack.namespace);
}

static void execute(char **command) {
  pid_t pid = 0;
  int status = 0;
  errno = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);
  check(errno == 0, command[0]);
  check(waitpid(pid, &status, 0) == pid && status == 0, command[0]);
}

// ---- words ----

static void pair(const char *word) {
  if (strcmp(word, "hold") == 0) {
    build();
    printf("{\"paths\":[\"/proc/%d/fd/%d\",\"/proc/%d/fd/%d\"]}\n", getpid(), a.namespace, getpid(), b.namespace);
  } else if (strcmp(word, "drop") == 0) {
    close_stack(a);
    close_stack(b);
    puts("{}");
  } else if (strcmp(word, "run") == 0) {
    const double start = milliseconds();
    build();
    const double built = milliseconds();
    close_stack(a);
    close_stack(b);
    printf("{\"run\":%.6f,\"close\":%.6f}\n", built - start, milliseconds() - built);
  }
}

static void exec(const char *word) {
  if (strcmp(word, "hold") == 0) {
    a = new_stack();
    printf("{\"paths\":[\"/proc/%d/fd/%d\"]}\n", getpid(), a.namespace);
  } else if (strcmp(word, "drop") == 0) {
    go_home();
    close_stack(a);
    puts("{}");
  } else if (strcmp(word, "where") == 0) {
    execute((char *[]){"readlink", "/proc/self/ns/net", NULL});
  } else if (strcmp(word, "run") == 0) {
    const double start = milliseconds();
    execute((char *[]){"/bin/true", NULL});
    printf("{\"run\":%.6f}\n", milliseconds() - start);
  }
}

int main(int argc, char **argv) {
  char word[16];
  setlinebuf(stdout);
  home = own_namespace();
  while (scanf("%15s", word) == 1) {
    if (argc > 1 && strcmp(argv[1], "exec") == 0)
      exec(word);
    else
      pair(word);
  }
  return 0;
}
