// What JavaScript sees of the addon; typed in lib/native/addon.ts.
#include "direct.h"
#include "environment.h"

#include <cerrno>
#include <cstring>
#include <napi.h>

namespace linux_namespaces {
namespace {

Environment &environment(const Napi::CallbackInfo &info) { return *info.Env().GetInstanceData<Environment>(); }

uint32_t idOf(const Napi::CallbackInfo &info) { return info[0].As<Napi::Number>().Uint32Value(); }

int intOf(const Napi::Value &value) { return value.As<Napi::Number>().Int32Value(); }

template <typename Item> std::vector<Item> copyOf(const Napi::Value &value) {
  const auto array = value.As<Napi::TypedArray>();
  std::vector<Item> items(array.ByteLength() / sizeof(Item));
  if (!items.empty())
    memcpy(items.data(), static_cast<uint8_t *>(array.ArrayBuffer().Data()) + array.ByteOffset(),
           items.size() * sizeof(Item));
  return items;
}

// execute(id, steps: Int32Array, data: Uint8Array, wantsData, chains): errno
Napi::Value execute(const Napi::CallbackInfo &info) {
  Program program;
  program.steps = copyOf<Step>(info[1]);
  program.data = copyOf<uint8_t>(info[2]);
  program.chains = info[4].As<Napi::Boolean>().Value();
  if (!program.isSound())
    return Napi::Number::New(info.Env(), EFAULT);
  const bool wantsData = info[3].As<Napi::Boolean>().Value();
  return Napi::Number::New(info.Env(), environment(info).execute(idOf(info), std::move(program), wantsData));
}

// exchange(id, segments: Int32Array, request: Uint8Array, timeoutMs): errno
Napi::Value exchangeMessages(const Napi::CallbackInfo &info) {
  Exchange exchange;
  exchange.segments = copyOf<Segment>(info[1]);
  exchange.request = copyOf<uint8_t>(info[2]);
  exchange.timeoutMs = intOf(info[3]);
  int64_t left = static_cast<int64_t>(exchange.request.size());
  for (const Segment &segment : exchange.segments)
    if (segment.length < 0 || (left -= segment.length) < 0)
      return Napi::Number::New(info.Env(), EFAULT);
  return Napi::Number::New(info.Env(), environment(info).exchangeMessages(idOf(info), std::move(exchange)));
}

// wait(id, fd, events, timeoutMs): errno
Napi::Value wait(const Napi::CallbackInfo &info) {
  const auto events = static_cast<int16_t>(intOf(info[2]));
  return Napi::Number::New(info.Env(), environment(info).wait(idOf(info), intOf(info[1]), events, intOf(info[3])));
}

Napi::Value cancel(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), environment(info).cancel(idOf(info)));
}

Napi::Value own(const Napi::CallbackInfo &info) {
  environment(info).descriptors().own(intOf(info[0]));
  return info.Env().Undefined();
}

Napi::Value release(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), environment(info).descriptors().release(intOf(info[0])));
}

Napi::Value closeDescriptor(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), environment(info).descriptors().closeOne(intOf(info[0])));
}

// sharedUserNamespace(fd?): the descriptor all environments share, or -1; `fd`, an owned one, is taken over.
Napi::Value sharedUserNamespace(const Napi::CallbackInfo &info) {
  int fd = SharedUserNamespace::get();
  if (info.Length() > 0 && environment(info).descriptors().release(intOf(info[0])))
    fd = SharedUserNamespace::offer(intOf(info[0]));
  return Napi::Number::New(info.Env(), fd);
}

// start(dispatch): once for each environment, before anything else.
Napi::Value start(const Napi::CallbackInfo &info) {
  if (info.Env().GetInstanceData<Environment>() != nullptr) {
    Napi::Error::New(info.Env(), "the addon was started already").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  info.Env().SetInstanceData(new Environment(info.Env(), info[0].As<Napi::Function>()));
  return info.Env().Undefined();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("start", Napi::Function::New(env, start));
  exports.Set("execute", Napi::Function::New(env, execute));
  exports.Set("exchange", Napi::Function::New(env, exchangeMessages));
  exports.Set("wait", Napi::Function::New(env, wait));
  exports.Set("cancel", Napi::Function::New(env, cancel));
  exports.Set("syscall", Napi::Function::New(env, directSyscall));
  exports.Set("open", Napi::Function::New(env, directOpen));
  exports.Set("pipe", Napi::Function::New(env, directPipe));
  exports.Set("own", Napi::Function::New(env, own));
  exports.Set("release", Napi::Function::New(env, release));
  exports.Set("close", Napi::Function::New(env, closeDescriptor));
  exports.Set("sharedUserNamespace", Napi::Function::New(env, sharedUserNamespace));
  exports.Set("numbers", syscallNumbers(env));
  return exports;
}

} // namespace

NODE_API_MODULE(linux_namespaces, initialize)

} // namespace linux_namespaces
