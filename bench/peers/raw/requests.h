// What the requests are about.
#pragma once

#include "batch.h"

#include <netinet/in.h>

enum { loopback_index = 1, first_index = 2 };

// One end of a veth; or a link of another kind. Their indexes are chosen, so that nobody has to ask for them.
struct end {
  const char *name;
  int index;     // 0: the kernel's choice
  int master;    // 0: none
  int up;        // not possible for the peer
  int namespace; // of the peer; -1: the same
};

struct route {
  in_addr_t destination; // host byte order
  uint8_t length;
  in_addr_t gateway; // 0: none
  int link;          // 0: where the gateway is
  uint32_t metric;
};

void raise_link(struct batch *batch, int index);
void add_veth(struct batch *batch, struct end end, struct end peer);
void add_bridge(struct batch *batch, struct end end);
void add_address(struct batch *batch, int index, in_addr_t address, uint8_t length);
void add_route(struct batch *batch, struct route route);
// Takes it down, and with that its routes.
void lower_link(struct batch *batch, int index);
