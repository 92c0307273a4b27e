// What JavaScript sees of the addon; typed in lib/native/addon.ts.
#include "direct.h"
#include "environment.h"

#include <cerrno>
#include <cmath>
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
  void *data = nullptr;
  // The address itself: an ArrayBuffer that is shared with another thread has no class here.
  napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &data, nullptr, nullptr);
  if (!items.empty() && data != nullptr)
    memcpy(items.data(), data, items.size() * sizeof(Item));
  return items;
}

enum class Kind : uint8_t { integer, boolean, int32Array, uint8Array };

bool isOf(const Napi::Value &value, Kind kind) {
  switch (kind) {
  case Kind::integer: {
    double number = 0.5;
    napi_get_value_double(value.Env(), value, &number);
    // Of 32 bits: the kernel would look at the lower ones only.
    return std::trunc(number) == number && number >= -0x80000000LL && number <= 0xffffffffLL;
  }
  case Kind::boolean:
    return value.IsBoolean();
  case Kind::int32Array:
    return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_int32_array;
  case Kind::uint8Array:
    return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
  }
  return false;
}

// The function, once the addon is started, with arguments of these kinds; else it throws and does nothing.
template <Napi::Value (*function)(const Napi::CallbackInfo &), Kind... kinds>
Napi::Value checked(const Napi::CallbackInfo &info) {
  if (info.Env().GetInstanceData<Environment>() == nullptr) {
    Napi::Error::New(info.Env(), "the addon is not started").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  [[maybe_unused]] size_t i = 0;
  if (!(isOf(info[i++], kinds) && ...)) {
    Napi::TypeError::New(info.Env(), "an argument of the addon is of another type").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return function(info);
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

// wake(): programs that chain begin no earlier than this, so that those of one tick share a visit.
Napi::Value wake(const Napi::CallbackInfo &info) {
  environment(info).wake();
  return info.Env().Undefined();
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
  if (info[0].IsNumber() && environment(info).descriptors().release(intOf(info[0])))
    fd = SharedUserNamespace::offer(intOf(info[0]));
  return Napi::Number::New(info.Env(), fd);
}

// start(dispatch): once for each environment, before anything else.
Napi::Value start(const Napi::CallbackInfo &info) {
  if (info.Env().GetInstanceData<Environment>() != nullptr) {
    Napi::Error::New(info.Env(), "the addon was started already").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  if (!info[0].IsFunction()) {
    Napi::TypeError::New(info.Env(), "dispatch must be a function").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  info.Env().SetInstanceData(new Environment(info.Env(), info[0].As<Napi::Function>()));
  return info.Env().Undefined();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("start", Napi::Function::New(env, start));
  exports.Set(
      "execute",
      Napi::Function::New(
          env, checked<execute, Kind::integer, Kind::int32Array, Kind::uint8Array, Kind::boolean, Kind::boolean>));
  exports.Set("wake", Napi::Function::New(env, checked<wake>));
  exports.Set("exchange",
              Napi::Function::New(
                  env, checked<exchangeMessages, Kind::integer, Kind::int32Array, Kind::uint8Array, Kind::integer>));
  exports.Set("wait",
              Napi::Function::New(env, checked<wait, Kind::integer, Kind::integer, Kind::integer, Kind::integer>));
  exports.Set("cancel", Napi::Function::New(env, checked<cancel, Kind::integer>));
  exports.Set("syscall", Napi::Function::New(env, checked<directSyscall, Kind::integer>));
  exports.Set("open", Napi::Function::New(env, checked<directOpen, Kind::integer>));
  exports.Set(
      "receive",
      Napi::Function::New(
          env,
          checked<directReceive, Kind::integer, Kind::integer, Kind::uint8Array, Kind::uint8Array, Kind::uint8Array>));
  exports.Set("pipe", Napi::Function::New(env, checked<directPipe>));
  exports.Set("own", Napi::Function::New(env, checked<own, Kind::integer>));
  exports.Set("release", Napi::Function::New(env, checked<release, Kind::integer>));
  exports.Set("close", Napi::Function::New(env, checked<closeDescriptor, Kind::integer>));
  exports.Set("sharedUserNamespace", Napi::Function::New(env, checked<sharedUserNamespace>));
  exports.Set("numbers", syscallNumbers(env));
  return exports;
}

} // namespace

NODE_API_MODULE(linux_namespaces, initialize)

} // namespace linux_namespaces
