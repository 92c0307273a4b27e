// Everything of the addon that belongs to one JavaScript environment (the main thread's, or a Worker's): nothing is
// global but the shared user namespace, so any number of Workers load it side by side.
#pragma once

#include "descriptors.h"
#include "waiter.h"
#include "worker.h"

#include <cstdint>
#include <mutex>
#include <napi.h>
#include <vector>

namespace linux_namespaces {

class Environment {
public:
  Environment(Napi::Env env, Napi::Function dispatch);
  ~Environment();
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;

  // Each gives 0, or the errno of starting the thread; the outcome arrives at `dispatch` under the given id.
  int execute(uint32_t id, Program program, bool wantsData);
  int exchangeMessages(uint32_t id, Exchange exchange);
  // What was executed since the last such call, and shares visits, begins.
  void wake() { worker_.wake(); }
  int wait(uint32_t id, int fd, int16_t events, int timeoutMs);
  // True: it will not arrive at `dispatch`. False: it is under way or over, and arrives: with ECANCELED and nothing
  // left of it, or (too late) as it ended.
  bool cancel(uint32_t id);

  Descriptors &descriptors() { return descriptors_; }

private:
  // A job that is over, or (with no job) the outcome of a wait, or (not over) a block of a dump.
  struct Completion {
    JobPointer job;
    uint32_t id = 0;
    int32_t revents = 0;
    bool over = true;
    std::vector<uint8_t> block;
  };

  int pushJob(JobPointer job);
  void jobDone(const JobPointer &job);
  void complete(Completion completion);
  void begun();
  void ended();
  void drain(Napi::Env env, Napi::Function dispatch);
  void shutDown();
  static void onCall(napi_env env, napi_value dispatch, void *context, void *data);

  napi_env env_;
  napi_threadsafe_function notify_ = nullptr;
  uint32_t pending_ = 0; // while there are any, the event loop stays alive
  Descriptors descriptors_;
  std::mutex mutex_;
  std::vector<Completion> completed_;
  Worker worker_;
  Waiter waiter_;
};

} // namespace linux_namespaces
