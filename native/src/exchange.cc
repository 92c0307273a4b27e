#include "exchange.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace linux_namespaces {
namespace {

using Clock = std::chrono::steady_clock;

// Dump messages are at most 32 KB; single replies about links with hundreds of virtual functions are longer.
constexpr size_t receiveSize = 128 * 1024;
// A block of a dump holds at least so much. The kernel makes 32 KB in a tenth of a millisecond; handing over takes a
// twentieth.
constexpr size_t blockSize = 224 * 1024;
constexpr size_t blockCapacity = blockSize + 32 * 1024;
constexpr int stopCheckMs = 20;

// Whether `matches(header, payload)` for one of these messages.
template <typename Matches> bool anyMessage(const uint8_t *bytes, size_t size, Matches matches) {
  size_t offset = 0;
  while (offset < size && size - offset >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    memcpy(&header, bytes + offset, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > size - offset)
      return false;
    if (matches(header, bytes + offset + sizeof header))
      return true;
    offset += NLMSG_ALIGN(static_cast<size_t>(header.nlmsg_len));
  }
  return false;
}

// Whether these messages hold the end of the answer to `sequence`.
bool holdsEnd(const uint8_t *bytes, size_t size, uint32_t sequence) {
  return anyMessage(bytes, size, [sequence](const nlmsghdr &header, const uint8_t * /*payload*/) {
    return header.nlmsg_seq == sequence && (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR);
  });
}

bool holdsError(const uint8_t *bytes, size_t size) {
  return anyMessage(bytes, size, [](const nlmsghdr &header, const uint8_t *payload) {
    int32_t error = 0;
    if (header.nlmsg_type != NLMSG_ERROR || header.nlmsg_len < sizeof header + sizeof error)
      return false;
    memcpy(&error, payload, sizeof error);
    return error != 0; // 0 is an acknowledgement
  });
}

// Waits until the socket is readable; 0, or an errno.
int waitReadable(int socket, Clock::time_point deadline, const std::atomic<bool> &stop) {
  while (true) {
    if (stop.load(std::memory_order_relaxed))
      return ECANCELED;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0)
      return ETIMEDOUT;
    pollfd entry = {socket, POLLIN, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::min<int64_t>(left, stopCheckMs)));
    if (ready > 0)
      return 0;
    if (ready < 0 && errno != EINTR)
      return errno;
  }
}

// Reads replies straight into the result; 0, or an errno. After an error it still reads on until nothing is left: of a
// dump, the rest would make the next one EBUSY.
int receive(Exchange &exchange, const Segment &segment, const std::atomic<bool> &stop, const Deliver &deliver) {
  const int socket = segment.socket;
  const auto sequence = static_cast<uint32_t>(segment.sequence);
  static thread_local std::vector<uint8_t> buffer(receiveSize);
  const auto deadline = Clock::now() + std::chrono::milliseconds(exchange.timeoutMs);
  int lost = 0;
  bool failedBefore = false;
  while (true) {
    // MSG_TRUNC: the length of the whole message is returned, also where it did not fit.
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0) {
      if (errno == EINTR)
        continue;
      if (errno == EAGAIN) {
        if (sequence == 0 || lost != 0)
          return lost;
        if (const int error = waitReadable(socket, deadline, stop); error != 0)
          return error;
        continue;
      }
      if (failedBefore) // not a passing one such as ENOBUFS (replies were dropped)
        return lost;
      lost = errno;
      failedBefore = true;
      continue;
    }
    failedBefore = false;
    const auto count = static_cast<size_t>(size);
    if (count > buffer.size()) {
      lost = EMSGSIZE;
      continue;
    }
    exchange.reply.insert(exchange.reply.end(), buffer.data(), buffer.data() + count);
    if (sequence == 0)
      continue;
    if (holdsEnd(buffer.data(), count, sequence))
      return lost;
    if (exchange.reply.size() < blockSize || (segment.flags & segmentStopOnError) != 0)
      continue;
    if ((segment.flags & segmentOneBlock) != 0)
      return lost;
    // Nobody waits for it any more, but it is read to its end all the same.
    if (!stop.load(std::memory_order_relaxed))
      deliver(std::move(exchange.reply));
    exchange.reply.clear();
    exchange.reply.reserve(blockCapacity);
  }
}

} // namespace

void exchange(Exchange &exchange, const std::atomic<bool> &stop, const Deliver &deliver) {
  size_t offset = 0;
  for (size_t i = 0; i < exchange.segments.size(); i++) {
    if (stop.load(std::memory_order_relaxed)) {
      exchange.failedSegment = static_cast<int32_t>(i);
      exchange.error = ECANCELED;
      return;
    }
    const Segment &segment = exchange.segments[i];
    const auto length = static_cast<size_t>(segment.length);
    ssize_t sent = 0;
    if (length > 0)
      do
        sent = send(segment.socket, exchange.request.data() + offset, length, 0);
      while (sent < 0 && errno == EINTR);
    const size_t before = exchange.reply.size();
    const int error = sent < 0 ? errno : receive(exchange, segment, stop, deliver);
    const bool refused = error == 0 && (segment.flags & segmentStopOnError) != 0 &&
                         holdsError(exchange.reply.data() + before, exchange.reply.size() - before);
    if (error != 0 || refused) {
      exchange.failedSegment = static_cast<int32_t>(i);
      exchange.error = error;
      exchange.failedInSend = sent < 0;
      return;
    }
    offset += length;
  }
}

} // namespace linux_namespaces
