#include "batch.h"

#include "program.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void *append(struct batch *batch, const void *data, size_t length) {
  char *place = batch->bytes + batch->length;
  memset(place, 0, NLMSG_ALIGN(length));
  if (data != NULL)
    memcpy(place, data, length);
  batch->length += NLMSG_ALIGN(length);
  batch->current->nlmsg_len = (uint32_t)(batch->bytes + batch->length - (char *)batch->current);
  return place;
}

void *begin(struct batch *batch, uint16_t type, uint16_t flags, size_t body) {
  batch->current = (struct nlmsghdr *)(batch->bytes + batch->length);
  struct nlmsghdr *header = append(batch, NULL, sizeof *header);
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | flags;
  header->nlmsg_seq = ++batch->sequence;
  return append(batch, NULL, body);
}

void attribute(struct batch *batch, uint16_t type, const void *data, size_t length) {
  struct rtattr *header = append(batch, NULL, sizeof *header);
  header->rta_type = type;
  header->rta_len = (uint16_t)RTA_LENGTH(length);
  append(batch, data, length);
}

void attribute_u32(struct batch *batch, uint16_t type, uint32_t value) { attribute(batch, type, &value, sizeof value); }

void attribute_text(struct batch *batch, uint16_t type, const char *text) {
  attribute(batch, type, text, strlen(text) + 1);
}

struct rtattr *open_nest(struct batch *batch, uint16_t type) {
  struct rtattr *header = append(batch, NULL, sizeof *header);
  header->rta_type = NLA_F_NESTED | type;
  return header;
}

void close_nest(struct batch *batch, struct rtattr *header) {
  header->rta_len = (uint16_t)(batch->bytes + batch->length - (char *)header);
}

// Reads until the last request has been answered.
static void receive(int socket, uint32_t last, void (*each)(const struct nlmsghdr *)) {
  _Alignas(NLMSG_ALIGNTO) static char answer[32 * 1024]; // the kernel fills no more of it in a dump
  for (int done = 0; !done;) {
    const ssize_t received = recv(socket, answer, sizeof answer, 0);
    check(received > 0, "recv");
    unsigned left = (unsigned)received;
    for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_ERROR) {
        errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
        check(errno == 0, "netlink");
      } else if (header->nlmsg_type != NLMSG_DONE) {
        each(header);
        continue;
      }
      done = header->nlmsg_seq == last;
    }
  }
}

static void transfer(int socket, struct batch *batch, void (*each)(const struct nlmsghdr *)) {
  check(send(socket, batch->bytes, batch->length, 0) == (ssize_t)batch->length, "send");
  receive(socket, batch->sequence, each);
  batch->length = 0;
}

static void ignore(const struct nlmsghdr *header) { (void)header; }

void commit(int socket, struct batch *batch) {
  if (batch->length == 0)
    return;
  batch->current->nlmsg_flags |= NLM_F_ACK;
  transfer(socket, batch, ignore);
}

void dump(int socket, struct batch *batch, void (*each)(const struct nlmsghdr *)) { transfer(socket, batch, each); }
