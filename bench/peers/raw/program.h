// What every workload needs: the clock, namespaces, and how it is described to main.c.
#pragma once

#include "batch.h"

// Ends the program with what was tried and the text of errno, unless `ok`.
void check(int ok, const char *what);
double milliseconds(void);

struct stack {
  int namespace;
  int socket;
};

// Leaves this thread inside, where the socket has to be opened.
struct stack new_stack(void);
void go_home(void);
void close_stack(struct stack stack);

// Answers with the namespaces under paths where another process finds them.
void answer_paths(const struct stack *stacks, int count);
void answer_run(double run);
void answer_run_and_close(double run, double close);

// Two namespaces joined by a veth, both ends named eth0: 10.0.0.1/24 and 10.0.0.2/24. This thread is in one of them.
void build_pair(struct stack pair[2]);
// One batch for all: it is empty between two functions.
extern struct batch shared_batch;

// The words of ../../session.mjs. `size`: what comes after the name on the command line.
struct workload {
  const char *name;
  void (*hold)(int size);
  void (*run)(int size);
  void (*drop)(int size);
  void (*where)(int size);
};

extern const struct workload pair, star, routes_add, routes_dump, links_dump, exec, socket_made;
