// One exchange with the kernel over netlink: send some buffers in order, each on its socket, and collect what they
// draw.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace linux_namespaces {

enum SegmentFlag : int32_t {
  segmentStopOnError = 1, // when it draws an error, the segments after it are not sent
  segmentOneBlock = 2,    // of a dump only the next block is read: the rest waits in the kernel for another exchange
};

// Layout known to lib/netlink/exchange.ts.
struct Segment {
  int32_t socket;
  int32_t length;   // bytes of the request, sent in one call; none: what was sent before is read on
  int32_t sequence; // 0: replies are complete when the socket is empty (the kernel works within sendmsg);
                    // else: read on until NLMSG_DONE or NLMSG_ERROR with this sequence number (a dump)
  int32_t flags;
};
static_assert(sizeof(Segment) == 16);

struct Exchange {
  int timeoutMs = 0; // for each segment that must wait for more
  std::vector<Segment> segments;
  std::vector<uint8_t> request;
  std::vector<uint8_t> reply;
  int32_t failedSegment = -1; // the last one that was begun, when not all went through; and with it:
  int32_t error = 0;          // the errno of the socket; 0 when it stopped because of an error in the replies
  bool failedInSend = false;  // else while receiving
};

// What a long dump has drawn so far is handed over while the rest is read.
using Deliver = std::function<void(std::vector<uint8_t> block)>;

// `stop` is looked at while waiting.
void exchange(Exchange &exchange, const std::atomic<bool> &stop, const Deliver &deliver);

} // namespace linux_namespaces
