// The waiting thread of an environment: poll() over any number of descriptors, so that neither the event loop nor the
// worker ever blocks on one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace linux_namespaces {

class Waiter {
public:
  // `done(id, revents)` is called on the waiter's thread; revents is -ETIMEDOUT when the time is up, -errno on failure.
  explicit Waiter(std::function<void(uint32_t, int32_t)> done) : done_(std::move(done)) {}
  ~Waiter() { stop(); }
  Waiter(const Waiter &) = delete;
  Waiter &operator=(const Waiter &) = delete;

  // Starts the thread, in the namespaces that the caller is in. 0, or an errno; add() tries again.
  int start();
  // timeoutMs < 0: no limit. The descriptor must stay open until the wait is over or cancelled. 0, or an errno.
  int add(uint32_t id, int fd, int16_t events, int timeoutMs);
  // True when it was still waiting: `done` will not be called for it. On return the descriptor may be closed.
  bool cancel(uint32_t id);
  void stop();

private:
  using Clock = std::chrono::steady_clock;
  struct Wait {
    uint32_t id;
    int fd;
    int16_t events;
    Clock::time_point deadline;
  };
  int startLocked();
  void loop();
  void wake() const;
  void finish(uint32_t id, int32_t result);

  std::function<void(uint32_t, int32_t)> done_;
  std::mutex mutex_;
  std::vector<Wait> waits_;
  bool stopping_ = false;
  int wakeFd_ = -1;
  std::thread thread_;
};

} // namespace linux_namespaces
