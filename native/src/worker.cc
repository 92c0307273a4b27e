#include "worker.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

namespace linux_namespaces {
namespace {

// So many programs share a visit at most: the first one's caller waits for the last one.
constexpr size_t longestChain = 16;

constexpr std::chrono::microseconds lookOutTime{50};

bool mayChain(const JobPointer &job) {
  const auto *program = std::get_if<Program>(&job->work);
  return program != nullptr && program->chains;
}

} // namespace

int startThread(std::thread &thread, std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = 0;
  try {
    thread = std::thread(std::move(body));
  } catch (const std::system_error &failure) {
    error = failure.code().value();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}

int Worker::startLocked() {
  return thread_.joinable() ? 0 : startThread(thread_, [this] { loop(); });
}

int Worker::start() {
  const std::scoped_lock lock(mutex_);
  return startLocked();
}

int Worker::push(JobPointer job) {
  const std::scoped_lock lock(mutex_);
  if (const int error = startLocked(); error != 0)
    return error;
  const bool gathers = mayChain(job);
  queue_.push_back(std::move(job));
  if (!gathers || queue_.size() >= longestChain)
    callLocked();
  return 0;
}

void Worker::wake() {
  const std::scoped_lock lock(mutex_);
  callLocked();
}

void Worker::callLocked() {
  if (queue_.empty())
    return;
  called_ = true;
  wake_.notify_one();
}

bool Worker::cancel(uint32_t id) {
  const std::scoped_lock lock(mutex_);
  const auto waiting =
      std::find_if(queue_.begin(), queue_.end(), [id](const JobPointer &job) { return job->id == id; });
  if (waiting != queue_.end()) {
    queue_.erase(waiting);
    called_ = called_ && !queue_.empty();
    return true;
  }
  for (const JobPointer &job : current_)
    if (job->id == id)
      job->cancelled = true;
  return false;
}

void Worker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    queue_.clear();
    for (const JobPointer &job : current_)
      job->cancelled = true;
  }
  wake_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

// What JavaScript asks for next often follows at once from what it was just told: looking out for it a moment is
// cheaper than falling asleep and being woken.
void Worker::lookOut() const {
  const auto end = std::chrono::steady_clock::now() + lookOutTime;
  while (!called_ && !stopping_ && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
}

// False when it is time to stop.
bool Worker::takeJobs() {
  std::unique_lock lock(mutex_);
  current_.clear();
  wake_.wait(lock, [this] { return stopping_ || (called_ && !queue_.empty()); });
  if (stopping_)
    return false;
  do {
    current_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  } while (mayChain(current_.front()) && current_.size() < longestChain && !queue_.empty() && mayChain(queue_.front()));
  called_ = !queue_.empty();
  return true;
}

void Worker::carryOut() {
  const JobPointer &job = current_.front();
  if (auto *work = std::get_if<Exchange>(&job->work)) {
    exchange(*work, job->cancelled, [this, &job](std::vector<uint8_t> block) { progress_(job, std::move(block)); });
    return;
  }
  std::vector<Program *> programs;
  for (const JobPointer &each : current_)
    programs.push_back(std::get_if<Program>(&each->work));
  executor_.run(programs);
}

void Worker::loop() {
  while (takeJobs()) {
    carryOut();
    for (const JobPointer &job : current_)
      done_(job);
    lookOut();
  }
}

} // namespace linux_namespaces
