// ns-launcher: enters namespaces and becomes the command. Node's child_process starts it in the command's place, so
// that every option, stream and IPC channel of ChildProcess works; see lib/process/launch.ts, the only one that calls
// it.
//
//   ns-launcher [KEY=VALUE]... -- FILE ARGV0 [ARGUMENT]...
//     ns=FD:TYPE    join this namespace (CLONE_NEW* in decimal), in the order given; the descriptor is closed
//     status=FD     on failure "STAGE ERRNO" is written there; close-on-exec, so that its end means success
//     parent=PID    die with the parent (PID), by SIGKILL
//     gid=, uid=    become these, after the namespaces
//     cwd=PATH      change to this directory, after the namespaces
//
// It is made without libc: a static libc takes six times as long to start (0.24 ms of 0.4 ms), and this runs for each
// process.
#include "../src/raw_syscall.h"

#include <asm/errno.h>
#include <cstddef>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <sys/syscall.h>

namespace {

using linux_namespaces::rawSyscall;

int64_t address(const void *pointer) { return reinterpret_cast<int64_t>(pointer); }

int64_t statusFd = -1;

size_t lengthOf(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  return length;
}

// The number at the start of a text; `rest` is what follows it.
int64_t numberAt(const char *text, const char **rest = nullptr) {
  int64_t number = 0;
  while (*text >= '0' && *text <= '9')
    number = number * 10 + (*text++ - '0');
  if (rest != nullptr)
    *rest = text;
  return number;
}

[[noreturn]] void leave(int status) {
  while (true)
    rawSyscall(SYS_exit_group, status);
}

[[noreturn]] void fail(const char *stage, int64_t result) {
  char text[32];
  size_t length = 0;
  while (stage[length] != '\0') {
    text[length] = stage[length];
    length++;
  }
  text[length++] = ' ';
  char digits[8];
  size_t count = 0;
  for (int64_t rest = -result; rest > 0 && count < sizeof digits; rest /= 10)
    digits[count++] = static_cast<char>('0' + rest % 10);
  while (count > 0)
    text[length++] = digits[--count];
  rawSyscall(SYS_write, statusFd, address(text), static_cast<int64_t>(length));
  leave(127);
}

void check(const char *stage, int64_t result) {
  if (result < 0)
    fail(stage, result);
}

// What follows KEY= in an argument, or nullptr.
const char *valueOf(const char *argument, const char *key) {
  while (*key != '\0')
    if (*argument++ != *key++)
      return nullptr;
  return *argument == '=' ? argument + 1 : nullptr;
}

void join(const char *spec) {
  const char *rest = nullptr;
  const int64_t fd = numberAt(spec, &rest);
  const int64_t type = numberAt(rest + 1);
  check("setns", rawSyscall(SYS_setns, fd, type));
  rawSyscall(SYS_close, fd);
  if (type != CLONE_NEWUSER || rawSyscall(SYS_geteuid) == 0)
    return;
  // The groups of outside would still open files there; a namespace that forbids the call (EPERM) has none but its own.
  if (const int64_t result = rawSyscall(SYS_setgroups, 0, 0); result != -EPERM)
    check("setgroups", result);
  // Inside a new user namespace this process has no id until it takes one; 0 may be unmapped, and then it stays nobody.
  if (rawSyscall(SYS_setgid, 0) == 0)
    check("setuid", rawSyscall(SYS_setuid, 0));
}

const char *variable(char **environment, const char *name) {
  for (; *environment != nullptr; environment++)
    if (const char *value = valueOf(*environment, name); value != nullptr)
      return value;
  return nullptr;
}

// A script without an interpreter line goes to the shell, as execvp has it: argv[-1] and argv[0] make room for it.
int64_t execute(const char *file, char **argv, char **environment) {
  const int64_t result = rawSyscall(SYS_execve, address(file), address(argv), address(environment));
  if (result != -ENOEXEC)
    return result;
  static char shell[] = "/bin/sh";
  argv[-1] = shell;
  argv[0] = const_cast<char *>(file);
  return rawSyscall(SYS_execve, address(shell), address(argv - 1), address(environment));
}

constexpr size_t longestPath = 4096;
char path[longestPath];

// One directory of the PATH and the file, in `path`; an empty one is the working directory. False when it is too long.
bool join(const char *directory, size_t length, const char *file) {
  const size_t fileLength = lengthOf(file);
  if (length + fileLength + 2 > longestPath)
    return false;
  size_t end = 0;
  while (end < length) {
    path[end] = directory[end];
    end++;
  }
  if (length > 0)
    path[end++] = '/';
  for (size_t i = 0; i <= fileLength; i++)
    path[end++] = file[i];
  return true;
}

// execvpe(3): the result is the error that counts.
int64_t search(const char *file, char **argv, char **environment) {
  for (const char *c = file; *c != '\0'; c++)
    if (*c == '/')
      return execute(file, argv, environment);
  const char *directories = variable(environment, "PATH");
  if (directories == nullptr)
    directories = "/bin:/usr/bin";
  int64_t error = -ENOENT;
  while (true) {
    size_t length = 0;
    while (directories[length] != '\0' && directories[length] != ':')
      length++;
    if (join(directories, length, file)) {
      const int64_t result = execute(path, argv, environment);
      // One that may not be started is told of, unless there is one further on that may.
      if (result == -EACCES)
        error = result;
      else if (result != -ENOENT && result != -ENOTDIR && result != -ESTALE && result != -ENODEV &&
               result != -ETIMEDOUT)
        return result;
    }
    if (directories[length] == '\0')
      return error;
    directories += length + 1;
  }
}

constexpr int unusable = 125; // called in another way than above

void dieWith(int64_t parent) {
  check("prctl", rawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL));
  if (rawSyscall(SYS_getppid) != parent)
    rawSyscall(SYS_kill, rawSyscall(SYS_getpid), SIGKILL); // it died before the line above
}

} // namespace

// The kernel's stack at the start: argc, argv, nullptr, the environment, nullptr.
extern "C" [[noreturn]] void launch(int64_t *stack) {
  const int64_t argc = stack[0];
  char **argv = reinterpret_cast<char **>(stack + 1);
  char **environment = argv + argc + 1;
  const char *cwd = nullptr;
  int64_t parent = 0;
  int64_t uid = -1;
  int64_t gid = -1;
  int64_t i = 1;
  for (; i < argc && !(argv[i][0] == '-' && argv[i][1] == '-' && argv[i][2] == '\0'); i++) {
    const char *value = nullptr;
    if ((value = valueOf(argv[i], "ns")) != nullptr)
      join(value);
    else if ((value = valueOf(argv[i], "status")) != nullptr)
      statusFd = numberAt(value);
    else if ((value = valueOf(argv[i], "parent")) != nullptr)
      parent = numberAt(value);
    else if ((value = valueOf(argv[i], "uid")) != nullptr)
      uid = numberAt(value);
    else if ((value = valueOf(argv[i], "gid")) != nullptr)
      gid = numberAt(value);
    else if ((value = valueOf(argv[i], "cwd")) != nullptr)
      cwd = value;
    else
      leave(unusable);
  }
  if (argc - i < 3)
    leave(unusable);
  // Node clears close-on-exec on all it passes.
  if (statusFd >= 0)
    check("fcntl", rawSyscall(SYS_fcntl, statusFd, F_SETFD, FD_CLOEXEC));
  // As Node does for its own uid and gid options; a rootless user namespace forbids setgroups, and needs none.
  if (uid >= 0 || gid >= 0)
    if (const int64_t result = rawSyscall(SYS_setgroups, 0, 0); result != -EPERM)
      check("setgroups", result);
  if (gid >= 0)
    check("setgid", rawSyscall(SYS_setgid, gid));
  if (uid >= 0)
    check("setuid", rawSyscall(SYS_setuid, uid));
  // After every change of identity: each of them clears it.
  if (parent > 0)
    dieWith(parent);
  if (cwd != nullptr)
    check("chdir", rawSyscall(SYS_chdir, address(cwd)));
  fail("exec", search(argv[i + 1], argv + i + 2, environment));
}

#if defined(__x86_64__)
asm(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call launch\n");
#else
asm(".globl _start\n_start: mov x29, #0\n mov x0, sp\n bl launch\n");
#endif
