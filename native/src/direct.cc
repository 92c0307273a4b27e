#include "direct.h"

#include "environment.h"
#include "raw_syscall.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace linux_namespaces {
namespace {

// False with a JavaScript exception pending when an argument is of another type.
bool argument(const Napi::Value &value, std::string &text, int64_t &result) {
  if (value.IsNumber())
    result = value.As<Napi::Number>().Int64Value();
  else if (value.IsString()) {
    text = value.As<Napi::String>().Utf8Value();
    result = reinterpret_cast<int64_t>(text.c_str());
  } else if (value.IsTypedArray()) {
    const auto array = value.As<Napi::TypedArray>();
    result = reinterpret_cast<int64_t>(static_cast<uint8_t *>(array.ArrayBuffer().Data()) + array.ByteOffset());
  } else if (value.IsBigInt()) {
    bool lossless = false;
    result = value.As<Napi::BigInt>().Int64Value(&lossless);
  } else if (value.IsUndefined())
    result = 0;
  else {
    Napi::TypeError::New(value.Env(), "a system call takes numbers, strings and typed arrays")
        .ThrowAsJavaScriptException();
    return false;
  }
  return true;
}

// False with a JavaScript exception pending.
bool call(const Napi::CallbackInfo &info, int64_t &result) {
  std::array<std::string, 6> texts;
  std::array<int64_t, 6> arguments{};
  for (size_t i = 1; i < info.Length() && i <= arguments.size(); i++)
    if (!argument(info[i], texts.at(i - 1), arguments.at(i - 1)))
      return false;
  result = rawSyscall(info[0].As<Napi::Number>().Int64Value(), arguments[0], arguments[1], arguments[2], arguments[3],
                      arguments[4], arguments[5]);
  return true;
}

} // namespace

Napi::Value directSyscall(const Napi::CallbackInfo &info) {
  int64_t result = 0;
  if (!call(info, result))
    return info.Env().Undefined();
  return Napi::Number::New(info.Env(), static_cast<double>(result));
}

Napi::Value directOpen(const Napi::CallbackInfo &info) {
  int64_t result = 0;
  if (!call(info, result))
    return info.Env().Undefined();
  if (result >= 0)
    info.Env().GetInstanceData<Environment>()->descriptors().own(static_cast<int>(result));
  return Napi::Number::New(info.Env(), static_cast<double>(result));
}

Napi::Value directPipe(const Napi::CallbackInfo &info) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return Napi::Number::New(info.Env(), -errno);
  const auto result = Napi::Array::New(info.Env(), 2);
  for (uint32_t i = 0; i < 2; i++) {
    info.Env().GetInstanceData<Environment>()->descriptors().own(ends.at(i));
    result.Set(i, ends.at(i));
  }
  return result;
}

Napi::Value directReceive(const Napi::CallbackInfo &info) {
  std::array<iovec, 3> parts{};
  for (size_t i = 0; i < parts.size(); i++) {
    size_t length = 0;
    napi_get_typedarray_info(info.Env(), info[2 + i], nullptr, &length, &parts.at(i).iov_base, nullptr, nullptr);
    parts.at(i).iov_len = length;
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = 1;
  message.msg_name = parts[1].iov_base;
  message.msg_namelen = static_cast<socklen_t>(parts[1].iov_len);
  message.msg_control = parts[2].iov_base;
  message.msg_controllen = parts[2].iov_len;
  const ssize_t size =
      recvmsg(info[0].As<Napi::Number>().Int32Value(), &message, info[1].As<Napi::Number>().Int32Value());
  const int error = errno;
  const std::array<double, 3> numbers = {static_cast<double>(size < 0 ? -error : size),
                                         static_cast<double>(message.msg_namelen),
                                         static_cast<double>(message.msg_controllen)};
  const auto result = Napi::Array::New(info.Env(), numbers.size());
  for (uint32_t i = 0; i < numbers.size(); i++)
    result.Set(i, numbers.at(i));
  return result;
}

Napi::Object syscallNumbers(Napi::Env env) {
  const auto result = Napi::Object::New(env);
#define NUMBER(name) result.Set(#name, SYS_##name)
  NUMBER(bind);
  NUMBER(capget);
  NUMBER(clock_gettime);
  NUMBER(close);
  NUMBER(connect);
  NUMBER(dup3);
  NUMBER(fchmod);
  NUMBER(fcntl);
  NUMBER(flock);
  NUMBER(getpeername);
  NUMBER(getsockname);
  NUMBER(getsockopt);
  NUMBER(ioctl);
  NUMBER(listen);
  NUMBER(mkdirat);
  NUMBER(mount);
  NUMBER(openat);
  NUMBER(pidfd_open);
  NUMBER(pidfd_send_signal);
  NUMBER(pivot_root);
  NUMBER(prctl);
  NUMBER(read);
  NUMBER(recvfrom);
  NUMBER(sendto);
  NUMBER(setdomainname);
  NUMBER(sethostname);
  NUMBER(setns);
  NUMBER(setsockopt);
  NUMBER(socket);
  NUMBER(umount2);
  NUMBER(unlinkat);
  NUMBER(unshare);
  NUMBER(write);
#undef NUMBER
  return result;
}

} // namespace linux_namespaces
