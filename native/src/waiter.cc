#include "waiter.h"

#include "worker.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace linux_namespaces {

int Waiter::startLocked() {
  if (wakeFd_ < 0) {
    wakeFd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wakeFd_ < 0)
      return errno;
  }
  return thread_.joinable() ? 0 : startThread(thread_, [this] { loop(); });
}

int Waiter::start() {
  const std::scoped_lock lock(mutex_);
  return startLocked();
}

int Waiter::add(uint32_t id, int fd, int16_t events, int timeoutMs) {
  const std::scoped_lock lock(mutex_);
  if (const int error = startLocked(); error != 0)
    return error;
  const auto deadline = timeoutMs < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds(timeoutMs);
  waits_.push_back({id, fd, events, deadline});
  wake();
  return 0;
}

bool Waiter::cancel(uint32_t id) {
  const std::scoped_lock lock(mutex_);
  const auto end = std::remove_if(waits_.begin(), waits_.end(), [id](const Wait &wait) { return wait.id == id; });
  const bool found = end != waits_.end();
  waits_.erase(end, waits_.end());
  if (found)
    wake();
  return found;
}

void Waiter::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    if (wakeFd_ >= 0)
      wake();
  }
  if (thread_.joinable())
    thread_.join();
  if (wakeFd_ >= 0)
    close(wakeFd_);
  wakeFd_ = -1;
}

void Waiter::wake() const {
  const uint64_t one = 1;
  // It can only fail by being full, and then the thread is awake already.
  [[maybe_unused]] const ssize_t written = write(wakeFd_, &one, sizeof one);
}

// Only the one that takes a wait out of the list reports it: a cancelled one is never reported.
void Waiter::finish(uint32_t id, int32_t result) {
  {
    const std::scoped_lock lock(mutex_);
    const auto wait = std::find_if(waits_.begin(), waits_.end(), [id](const Wait &each) { return each.id == id; });
    if (wait == waits_.end())
      return;
    waits_.erase(wait);
  }
  done_(id, result);
}

void Waiter::loop() {
  std::vector<Wait> waits;
  std::vector<pollfd> entries;
  while (true) {
    auto nearest = Clock::time_point::max();
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_)
        return;
      waits = waits_;
      entries.assign(1, {wakeFd_, POLLIN, 0});
    }
    for (const Wait &wait : waits) {
      entries.push_back({wait.fd, wait.events, 0});
      nearest = std::min(nearest, wait.deadline);
    }
    int timeout = -1;
    if (nearest != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(nearest - Clock::now()).count();
      timeout = static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
    }
    if (poll(entries.data(), entries.size(), timeout) < 0) {
      if (errno == EINTR)
        continue;
      const int error = errno;
      for (const Wait &wait : waits)
        finish(wait.id, -error);
      continue;
    }
    if (entries[0].revents != 0) {
      uint64_t count = 0;
      [[maybe_unused]] const ssize_t size = read(wakeFd_, &count, sizeof count);
    }
    const auto now = Clock::now();
    for (size_t i = 0; i < waits.size(); i++) {
      const int32_t ready = entries[i + 1].revents;
      if (ready != 0)
        finish(waits[i].id, ready);
      else if (waits[i].deadline <= now)
        finish(waits[i].id, -ETIMEDOUT);
    }
  }
}

} // namespace linux_namespaces
