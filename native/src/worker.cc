#include "worker.h"

#include <algorithm>
#include <csignal>
#include <system_error>

namespace linux_namespaces {

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

int Worker::push(JobPointer job) {
  const std::scoped_lock lock(mutex_);
  if (!thread_.joinable())
    if (const int error = startThread(thread_, [this] { loop(); }); error != 0)
      return error;
  queue_.push_back(std::move(job));
  wake_.notify_one();
  return 0;
}

bool Worker::cancel(uint32_t id) {
  const std::scoped_lock lock(mutex_);
  const auto waiting = std::find_if(queue_.begin(), queue_.end(), [id](const JobPointer &job) { return job->id == id; });
  if (waiting != queue_.end()) {
    queue_.erase(waiting);
    return true;
  }
  if (current_ != nullptr && current_->id == id)
    current_->cancelled = true;
  return false;
}

void Worker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    queue_.clear();
    if (current_ != nullptr)
      current_->cancelled = true;
  }
  wake_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void Worker::carryOut(Job &job) {
  if (auto *program = std::get_if<Program>(&job.work))
    executor_.run(*program);
  else
    exchange(std::get<Exchange>(job.work), job.cancelled);
}

void Worker::loop() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      current_ = nullptr;
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_)
        return;
      current_ = queue_.front();
      queue_.pop_front();
    }
    carryOut(*current_);
    done_(current_);
  }
}

} // namespace linux_namespaces
