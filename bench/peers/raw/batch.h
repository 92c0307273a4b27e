// Netlink requests, one after another, for one send; and what the kernel answers.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

// What a socket's send buffer takes by default is three times as much.
enum { batch_size = 64 * 1024 };

struct batch {
  size_t length;
  struct nlmsghdr *current;
  uint32_t sequence;
  _Alignas(NLMSG_ALIGNTO) char bytes[batch_size];
};

// Begins a request and returns its body, which is zero.
void *begin(struct batch *batch, uint16_t type, uint16_t flags, size_t body);
// Appends bytes (NULL: zeros) to the current request.
void *append(struct batch *batch, const void *data, size_t length);
void attribute(struct batch *batch, uint16_t type, const void *data, size_t length);
void attribute_u32(struct batch *batch, uint16_t type, uint32_t value);
void attribute_text(struct batch *batch, uint16_t type, const char *text);
struct rtattr *open_nest(struct batch *batch, uint16_t type);
void close_nest(struct batch *batch, struct rtattr *header);

// Sends the batch. An error is reported for any request; only the last one is acknowledged.
void commit(int socket, struct batch *batch);
// Sends the batch, whose last request is a dump, and hands each message of the answer over.
void dump(int socket, struct batch *batch, void (*each)(const struct nlmsghdr *));
