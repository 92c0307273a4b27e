#define _GNU_SOURCE
#include "program.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// linux/sockios.h
enum { siocgskns = 0x894c };

static struct stack stack;

static int socket_inside(void) {
  check(setns(stack.namespace, CLONE_NEWNET) == 0, "setns");
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  go_home();
  check(made >= 0, "socket");
  return made;
}

static void on_hold(int size) {
  (void)size;
  stack = new_stack();
  go_home();
  answer_paths(&stack, 1);
}

static void on_where(int size) {
  (void)size;
  struct stat found;
  const int made = socket_inside();
  const int namespace = ioctl(made, siocgskns);
  check(namespace >= 0 && fstat(namespace, &found) == 0, "SIOCGSKNS");
  close(namespace);
  close(made);
  printf("net:[%lu]\n", (unsigned long)found.st_ino);
}

static int compare(const void *a, const void *b) {
  const double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

static void on_run(int size) {
  double *times = malloc((size_t)size * sizeof *times);
  check(times != NULL, "malloc");
  for (int i = 0; i < size; i++) {
    const double start = milliseconds();
    const int made = socket_inside();
    times[i] = milliseconds() - start;
    close(made);
  }
  qsort(times, (size_t)size, sizeof *times, compare);
  answer_run(times[size / 2]);
  free(times);
}

static void on_drop(int size) {
  (void)size;
  close_stack(stack);
  puts("{}");
}

// Named for what it makes, beside socket(2).
const struct workload socket_made = {
    .name = "socket", .hold = on_hold, .run = on_run, .drop = on_drop, .where = on_where};
