#include "environment.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace linux_namespaces {
namespace {

Napi::Value bytes(Napi::Env env, const std::vector<uint8_t> &data) {
  auto buffer = Napi::ArrayBuffer::New(env, data.size());
  if (!data.empty())
    memcpy(buffer.Data(), data.data(), data.size());
  return Napi::Uint8Array::New(env, data.size(), buffer, 0);
}

Napi::Value numbers(Napi::Env env, const std::vector<int64_t> &values) {
  const auto array = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); i++)
    array.Set(i, static_cast<double>(values[i]));
  return array;
}

} // namespace

Environment::Environment(Napi::Env env, Napi::Function dispatch)
    : env_(env), worker_([this](const JobPointer &job) { jobDone(job); }),
      waiter_([this](uint32_t id, int32_t revents) { complete({nullptr, id, revents}); }) {
  SharedUserNamespace::addUser();
  napi_create_threadsafe_function(env, dispatch, nullptr, Napi::String::New(env, "linux-namespaces"), 0, 1, nullptr,
                                  nullptr, this, onCall, &notify_);
  napi_unref_threadsafe_function(env, notify_);
  // Registered after the function's own hook, so it runs before it: the threads are gone when the function goes.
  napi_add_env_cleanup_hook(env, [](void *self) { static_cast<Environment *>(self)->shutDown(); }, this);
}

Environment::~Environment() { SharedUserNamespace::removeUser(); }

void Environment::shutDown() {
  worker_.stop();
  waiter_.stop();
  descriptors_.closeAll();
}

void Environment::begun() {
  if (pending_++ == 0)
    napi_ref_threadsafe_function(env_, notify_);
}

void Environment::ended() {
  if (--pending_ == 0)
    napi_unref_threadsafe_function(env_, notify_);
}

int Environment::pushJob(JobPointer job) {
  const int error = worker_.push(std::move(job));
  if (error == 0)
    begun();
  return error;
}

int Environment::execute(uint32_t id, Program program, bool wantsData) {
  auto job = std::make_shared<Job>();
  job->id = id;
  job->wantsData = wantsData;
  job->work = std::move(program);
  return pushJob(std::move(job));
}

int Environment::exchangeMessages(uint32_t id, Exchange exchange) {
  auto job = std::make_shared<Job>();
  job->id = id;
  job->work = std::move(exchange);
  return pushJob(std::move(job));
}

int Environment::wait(uint32_t id, int fd, int16_t events, int timeoutMs) {
  const int error = waiter_.add(id, fd, events, timeoutMs);
  if (error == 0)
    begun();
  return error;
}

bool Environment::cancel(uint32_t id) {
  if (!worker_.cancel(id) && !waiter_.cancel(id))
    return false;
  ended();
  return true;
}

// On the worker's thread. Descriptors are owned before JavaScript hears of them: a Worker that is terminated in between
// leaks none.
void Environment::jobDone(const JobPointer &job) {
  if (auto *program = std::get_if<Program>(&job->work); program != nullptr && program->succeeded()) {
    if (job->cancelled)
      program->error = ECANCELED;
    for (size_t i = 0; i < program->steps.size(); i++) {
      const auto fd = static_cast<int>(program->results[i]);
      if ((program->steps[i].flags & stepDescriptor) == 0 || fd < 0)
        continue;
      if (job->cancelled)
        close(fd);
      else
        descriptors_.own(fd);
    }
  }
  complete({job, 0, 0});
}

void Environment::complete(Completion completion) {
  {
    const std::scoped_lock lock(mutex_);
    completed_.push_back(std::move(completion));
    if (completed_.size() > 1)
      return; // the call that is under way takes this one along
  }
  napi_call_threadsafe_function(notify_, nullptr, napi_tsfn_nonblocking);
}

void Environment::onCall(napi_env env, napi_value dispatch, void *context, void * /*data*/) {
  if (env != nullptr && dispatch != nullptr)
    static_cast<Environment *>(context)->drain(env, Napi::Function(env, dispatch));
}

// dispatch(id, error, where, outcome, data)
//   of a program:  where = failed step,    outcome = results of the steps, data = the program's data if wanted
//   of an exchange: where = failed segment, outcome = whether sending failed, data = the replies, if any
//   of a wait:      error = errno or 0,     outcome = revents
void Environment::drain(Napi::Env env, Napi::Function dispatch) {
  std::vector<Completion> completed;
  {
    const std::scoped_lock lock(mutex_);
    completed.swap(completed_);
  }
  const Napi::Value undefined = env.Undefined();
  for (const Completion &completion : completed) {
    const Napi::HandleScope scope(env);
    ended();
    if (completion.job == nullptr) {
      const int32_t revents = completion.revents;
      dispatch.Call({Napi::Number::New(env, completion.waitId), Napi::Number::New(env, revents < 0 ? -revents : 0),
                     Napi::Number::New(env, -1), Napi::Number::New(env, revents), undefined});
      continue;
    }
    const Job &job = *completion.job;
    const Napi::Value id = Napi::Number::New(env, job.id);
    if (const auto *program = std::get_if<Program>(&job.work))
      dispatch.Call({id, Napi::Number::New(env, program->error), Napi::Number::New(env, program->failedStep),
                     numbers(env, program->results), job.wantsData ? bytes(env, program->data) : undefined});
    else {
      const auto &exchange = std::get<Exchange>(job.work);
      dispatch.Call({id, Napi::Number::New(env, exchange.error), Napi::Number::New(env, exchange.failedSegment),
                     Napi::Boolean::New(env, exchange.failedInSend),
                     exchange.reply.empty() ? undefined : bytes(env, exchange.reply)});
    }
  }
}

} // namespace linux_namespaces
