#include "program.h"

#include <stdio.h>

static struct stack stacks[2];

static void drop(void) {
  close_stack(stacks[0]);
  close_stack(stacks[1]);
}

static void build(void) {
  build_pair(stacks);
  go_home();
}

static void on_hold(int size) {
  (void)size;
  build();
  answer_paths(stacks, 2);
}

static void on_run(int size) {
  (void)size;
  const double start = milliseconds();
  build();
  const double built = milliseconds();
  drop();
  answer_run_and_close(built - start, milliseconds() - built);
}

static void on_drop(int size) {
  (void)size;
  drop();
  puts("{}");
}

const struct workload pair = {.name = "pair", .hold = on_hold, .run = on_run, .drop = on_drop};
