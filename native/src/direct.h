// System calls on the calling thread, at once.
#pragma once

#include <napi.h>

namespace linux_namespaces {

// syscall(number, ...arguments): numbers, bigints, strings (NUL-terminated), Uint8Arrays (their address), undefined
// (0). The result, or -errno.
Napi::Value directSyscall(const Napi::CallbackInfo &info);
// The same where the result is a descriptor: it is owned by the environment before JavaScript sees it.
Napi::Value directOpen(const Napi::CallbackInfo &info);
// pipe(): [read end, write end], both owned and close-on-exec; or -errno.
Napi::Value directPipe(const Napi::CallbackInfo &info);
// receive(fd, flags, data, name, control), the last three Uint8Arrays to fill: recvmsg(2), whose pointers within a
// structure directSyscall cannot give. [size or -errno, length of the name, length of the control data].
Napi::Value directReceive(const Napi::CallbackInfo &info);
// Names of system calls to their numbers on this architecture.
Napi::Object syscallNumbers(Napi::Env env);

} // namespace linux_namespaces
