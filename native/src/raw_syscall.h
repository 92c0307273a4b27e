// System calls without libc: they touch neither errno nor any other thread-local, so that a child that shares this
// process's memory (see executor.cc) cannot disturb the thread it was cloned from.
#pragma once

#include <cstdint>

namespace linux_namespaces {

// The result, or -errno.
__attribute__((always_inline)) inline int64_t rawSyscall(int64_t number, int64_t a = 0, int64_t b = 0, int64_t c = 0,
                                                         int64_t d = 0, int64_t e = 0, int64_t f = 0) {
#if defined(__x86_64__)
  int64_t result = 0;
  register int64_t r10 asm("r10") = d;
  register int64_t r8 asm("r8") = e;
  register int64_t r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register int64_t x8 asm("x8") = number;
  register int64_t x0 asm("x0") = a;
  register int64_t x1 asm("x1") = b;
  register int64_t x2 asm("x2") = c;
  register int64_t x3 asm("x3") = d;
  register int64_t x4 asm("x4") = e;
  register int64_t x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "linux-namespaces knows the system call conventions of x86-64 and arm64 only"
#endif
}

} // namespace linux_namespaces
