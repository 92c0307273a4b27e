#define _GNU_SOURCE
#include "program.h"

#include "requests.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct batch shared_batch;

void check(int ok, const char *what) {
  if (ok)
    return;
  perror(what);
  exit(1);
}

double milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int home;

static int own_namespace(void) {
  const int descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  check(descriptor >= 0, "open");
  return descriptor;
}

struct stack new_stack(void) {
  check(unshare(CLONE_NEWNET) == 0, "unshare");
  const struct stack stack = {own_namespace(), socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  check(stack.socket >= 0, "socket");
  return stack;
}

void go_home(void) { check(setns(home, CLONE_NEWNET) == 0, "setns"); }

void close_stack(struct stack stack) {
  close(stack.socket);
  close(stack.namespace);
}

void answer_paths(const struct stack *stacks, int count) {
  printf("{\"paths\":[");
  for (int i = 0; i < count; i++)
    printf("%s\"/proc/%d/fd/%d\"", i == 0 ? "" : ",", getpid(), stacks[i].namespace);
  puts("]}");
}

void answer_run(double run) { printf("{\"run\":%.6f}\n", run); }

void answer_run_and_close(double run, double close) { printf("{\"run\":%.6f,\"close\":%.6f}\n", run, close); }

void build_pair(struct stack pair[2]) {
  struct batch *batch = &shared_batch;
  pair[1] = new_stack();
  pair[0] = new_stack();
  raise_link(batch, loopback_index);
  add_veth(batch, (struct end){.name = "eth0", .index = first_index, .up = 1},
           (struct end){.name = "eth0", .index = first_index, .namespace = pair[1].namespace});
  add_address(batch, first_index, 0x0a000001, 24);
  commit(pair[0].socket, batch);
  raise_link(batch, loopback_index);
  raise_link(batch, first_index);
  add_address(batch, first_index, 0x0a000002, 24);
  add_route(batch, (struct route){.gateway = 0x0a000001});
  commit(pair[1].socket, batch);
}

static void nothing(int size) {
  (void)size;
  puts("{}");
}

int main(int argc, char **argv) {
  static const struct workload *const workloads[] = {&pair,       &star, &routes_add, &routes_dump,
                                                     &links_dump, &exec, &socket_made};
  const struct workload *chosen = NULL;
  const int size = argc > 2 ? atoi(argv[2]) : 0;
  for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
    if (argc > 1 && strcmp(argv[1], workloads[i]->name) == 0)
      chosen = workloads[i];
  if (chosen == NULL) {
    fprintf(stderr, "usage: raw WORKLOAD [SIZE]\n");
    return 2;
  }
  // A namespace is two descriptors.
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  setlinebuf(stdout);
  home = own_namespace();
  char word[16];
  int held = 0;
  while (scanf("%15s", word) == 1) {
    const int drops = strcmp(word, "drop") == 0;
    if (drops && !held)
      nothing(size);
    else if (drops)
      chosen->drop(size);
    else if (strcmp(word, "hold") == 0)
      chosen->hold(size);
    else if (strcmp(word, "run") == 0)
      chosen->run(size);
    else if (strcmp(word, "where") == 0)
      chosen->where(size);
    held = (held || strcmp(word, "hold") == 0) && !drops;
  }
  return 0;
}
