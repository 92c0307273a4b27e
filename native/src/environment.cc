#include "environment.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace linux_namespaces {
namespace {

// While worker.terminate() is under way Node-API refuses whatever may run JavaScript, the making of buffers included,
// and the classes of node-addon-api abort on that. So here are plain calls; nullptr says that it is refused.
napi_value bytes(napi_env env, const std::vector<uint8_t> &data) {
  void *memory = nullptr;
  napi_value buffer = nullptr;
  napi_value view = nullptr;
  if (napi_create_arraybuffer(env, data.size(), &memory, &buffer) != napi_ok)
    return nullptr;
  if (!data.empty())
    memcpy(memory, data.data(), data.size());
  return napi_create_typedarray(env, napi_uint8_array, data.size(), buffer, 0, &view) == napi_ok ? view : nullptr;
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  return napi_create_double(env, value, &result) == napi_ok ? result : nullptr;
}

napi_value numbers(napi_env env, const std::vector<int64_t> &values) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, values.size(), &array) != napi_ok)
    return nullptr;
  for (uint32_t i = 0; i < values.size(); i++)
    if (napi_set_element(env, array, i, number(env, static_cast<double>(values[i]))) != napi_ok)
      return nullptr;
  return array;
}

// Whether JavaScript was told, or could have been.
bool call(napi_env env, napi_value function, const std::array<napi_value, 5> &arguments) {
  for (const napi_value argument : arguments)
    if (argument == nullptr)
      return false;
  napi_value receiver = nullptr;
  napi_get_undefined(env, &receiver);
  if (napi_call_function(env, receiver, function, arguments.size(), arguments.data(), nullptr) == napi_ok)
    return true;
  bool thrown = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &thrown) != napi_ok || !thrown ||
      napi_get_and_clear_last_exception(env, &exception) != napi_ok)
    return false;
  return napi_fatal_exception(env, exception) == napi_ok;
}

} // namespace

Environment::Environment(Napi::Env env, Napi::Function dispatch)
    : env_(env), worker_([this](const JobPointer &job) { jobDone(job); },
                         [this](const JobPointer &job, std::vector<uint8_t> block) {
                           Completion part;
                           part.id = job->id;
                           part.over = false;
                           part.block = std::move(block);
                           complete(std::move(part));
                         }),
      waiter_([this](uint32_t id, int32_t revents) {
        Completion waited;
        waited.id = id;
        waited.revents = revents;
        complete(std::move(waited));
      }) {
  SharedUserNamespace::addUser();
  // Now, in the namespaces this environment starts in: later the calling thread may have been moved. When it cannot be
  // started, the first job tries again and can say so.
  worker_.start();
  waiter_.start();
  napi_create_threadsafe_function(env, dispatch, nullptr, Napi::String::New(env, "linux-namespaces"), 0, 1, nullptr,
                                  nullptr, this, onCall, &notify_);
  napi_unref_threadsafe_function(env, notify_);
  // Registered after the function's own hook, so it runs before it: the threads are gone when the function goes.
  napi_add_env_cleanup_hook(
      env, [](void *self) { static_cast<Environment *>(self)->shutDown(); }, this);
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
    // Looked at once: cancelled in between, they would be closed here and by their numbers once more in JavaScript.
    const bool cancelled = job->cancelled;
    if (cancelled)
      program->error = ECANCELED;
    for (size_t i = 0; i < program->steps.size(); i++) {
      const auto fd = static_cast<int>(program->results[i]);
      if ((program->steps[i].flags & stepDescriptor) == 0 || fd < 0)
        continue;
      if (cancelled)
        close(fd);
      else
        descriptors_.own(fd);
    }
  }
  Completion done;
  done.job = job;
  complete(std::move(done));
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
//   of an exchange: where = failed segment, outcome = whether sending failed, data = the replies, if any,
//                   but for the blocks that came before: where = -2, data = the block
//   of a wait:      error = errno or 0,     outcome = revents
void Environment::drain(Napi::Env env, Napi::Function dispatch) {
  std::vector<Completion> completed;
  {
    const std::scoped_lock lock(mutex_);
    completed.swap(completed_);
  }
  const napi_value undefined = env.Undefined();
  for (const Completion &completion : completed) {
    const Napi::HandleScope scope(env);
    if (completion.over)
      ended();
    bool told = false;
    if (!completion.over) {
      told = call(env, dispatch,
                  {number(env, completion.id), number(env, 0), number(env, -2), Napi::Boolean::New(env, false),
                   bytes(env, completion.block)});
    } else if (completion.job == nullptr) {
      const int32_t revents = completion.revents;
      told = call(env, dispatch,
                  {number(env, completion.id), number(env, revents < 0 ? -revents : 0), number(env, -1),
                   number(env, revents), undefined});
    } else if (const auto *program = std::get_if<Program>(&completion.job->work)) {
      const Job &job = *completion.job;
      told = call(env, dispatch,
                  {number(env, job.id), number(env, program->error), number(env, program->failedStep),
                   numbers(env, program->results), job.wantsData ? bytes(env, program->data) : undefined});
    } else {
      const auto &exchange = std::get<Exchange>(completion.job->work);
      told = call(env, dispatch,
                  {number(env, completion.job->id), number(env, exchange.error), number(env, exchange.failedSegment),
                   Napi::Boolean::New(env, exchange.failedInSend),
                   exchange.reply.empty() ? undefined : bytes(env, exchange.reply)});
    }
    if (!told)
      return; // this environment is ending; its clean-up hook closes what is owned
  }
}

} // namespace linux_namespaces
