// The native thread of an environment: visits namespaces and talks netlink, one job after the other.
#pragma once

#include "exchange.h"
#include "executor.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

namespace linux_namespaces {

struct Job {
  uint32_t id = 0;
  bool wantsData = false; // the program's data goes back to JavaScript
  std::variant<Program, Exchange> work;
  std::atomic<bool> cancelled = false;
};
using JobPointer = std::shared_ptr<Job>;

class Worker {
public:
  using Done = std::function<void(const JobPointer &)>;
  using Progress = std::function<void(const JobPointer &, std::vector<uint8_t> block)>;

  // Both are called on the worker's thread: `done` once for each job that was carried out, `progress` for what a long
  // dump has drawn before.
  Worker(Done done, Progress progress) : done_(std::move(done)), progress_(std::move(progress)) {}
  ~Worker() { stop(); }
  Worker(const Worker &) = delete;
  Worker &operator=(const Worker &) = delete;

  // Both: 0, or the errno of starting the thread. It stays in the namespaces that the caller is in at the time.
  int start();
  // A program that chains waits for wake(), or for any other job, or until there are enough of its kind for a visit.
  int push(JobPointer job);
  void wake();
  // True when it had not begun: it never will, and `done` is not called.
  bool cancel(uint32_t id);
  // Finishes the job under way, drops the others, joins the thread.
  void stop();

private:
  int startLocked();
  void callLocked();
  void loop();
  void lookOut() const;
  bool takeJobs();
  void carryOut();

  Done done_;
  Progress progress_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<JobPointer> queue_;
  std::vector<JobPointer> current_; // one, or programs that share a visit
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> called_ = false; // there is something to do now, for a look without the lock
  Executor executor_;
  std::thread thread_;
};

// Runs `start` with all signals blocked, so that the thread it makes never runs a signal handler; 0, or an errno.
int startThread(std::thread &thread, std::function<void()> body);

} // namespace linux_namespaces
