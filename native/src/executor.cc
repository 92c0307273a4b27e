#include "executor.h"

#include "raw_syscall.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace linux_namespaces {
namespace {

constexpr size_t stackSize = 32 * 1024;
constexpr size_t stackArea = 2 * stackSize;

// Everything a child touches. It lives on the executor thread's stack, which sleeps until the child is gone.
struct Visit {
  const Step *steps;
  uint32_t count;
  uint32_t next;
  uint8_t *data;
  int64_t *results;
  int32_t failedStep;
  int32_t error;
  uint8_t *nestedStackTop;
  bool *once;      // over the programs of a visit: whether a step of the kind stepOnce was made
  uint32_t mapped; // futex: 0 until the nested child's id maps are written; 2 when they could not be
};

// The children run on a foreign stack and share this process's memory: no sanitizer bookkeeping in them.
#define IN_CHILD __attribute__((no_sanitize("address", "undefined"), noinline))

IN_CHILD int64_t argumentOf(const Visit &visit, const Step &step, uint32_t index) {
  const int32_t value = step.arguments[index];
  switch ((step.kinds >> (2 * index)) & 3) {
  case static_cast<int>(ArgumentKind::data):
    return reinterpret_cast<int64_t>(visit.data + value);
  case static_cast<int>(ArgumentKind::result):
    return visit.results[value];
  default:
    return value;
  }
}

IN_CHILD void fail(Visit &visit, int64_t result) {
  visit.failedStep = static_cast<int32_t>(visit.next);
  visit.error = static_cast<int32_t>(-result);
}

// Writes text to /proc/PID/FILE; the path is made by hand because snprintf may allocate.
IN_CHILD int64_t writeProcFile(int64_t pid, const char *file, const char *text) {
  char path[48] = "/proc/";
  char digits[12];
  size_t end = 6;
  size_t count = 0;
  for (; pid > 0; pid /= 10)
    digits[count++] = static_cast<char>('0' + pid % 10);
  while (count > 0)
    path[end++] = digits[--count];
  path[end++] = '/';
  while (*file != '\0')
    path[end++] = *file++;
  path[end] = '\0';
  int64_t length = 0;
  while (text[length] != '\0')
    length++;
  const int64_t fd = rawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<int64_t>(path), O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return fd;
  const int64_t written = rawSyscall(SYS_write, fd, reinterpret_cast<int64_t>(text), length);
  rawSyscall(SYS_close, fd);
  return written < 0 ? written : 0;
}

IN_CHILD void runSteps(Visit &visit);

// In the new user namespace: wait for the maps (before they are there it has no ids to act with), then go on.
IN_CHILD int nestedChild(void *argument) {
  Visit &visit = *static_cast<Visit *>(argument);
  // Whoever kills the writer of the maps must not leave this child waiting for ever.
  rawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  while (__atomic_load_n(&visit.mapped, __ATOMIC_ACQUIRE) == 0)
    rawSyscall(SYS_futex, reinterpret_cast<int64_t>(&visit.mapped), FUTEX_WAIT, 0);
  if (__atomic_load_n(&visit.mapped, __ATOMIC_ACQUIRE) == 1)
    runSteps(visit);
  rawSyscall(SYS_exit_group, 0);
  return 0;
}

// The maps are written by the parent, which has its capabilities in the parent user namespace: from inside, only a map
// of the caller's own id would be allowed.
IN_CHILD void runInNewUserNamespace(Visit &visit, const Step &step) {
  visit.mapped = 0;
  const int64_t pid = clone(nestedChild, visit.nestedStackTop, CLONE_VM | CLONE_FILES | CLONE_NEWUSER, &visit);
  if (pid < 0) {
    fail(visit, -errno); // errno is the sleeping executor thread's: nobody else reads it now
    return;
  }
  static constexpr const char *files[] = {"setgroups", "uid_map", "gid_map"};
  int64_t result = 0;
  for (uint32_t i = 0; i < 3 && result == 0; i++)
    if (step.arguments[i] >= 0)
      result = writeProcFile(pid, files[i], reinterpret_cast<const char *>(visit.data + step.arguments[i]));
  if (result < 0)
    fail(visit, result);
  else
    visit.next++;
  __atomic_store_n(&visit.mapped, result < 0 ? 2 : 1, __ATOMIC_RELEASE);
  rawSyscall(SYS_futex, reinterpret_cast<int64_t>(&visit.mapped), FUTEX_WAKE, 1);
  rawSyscall(SYS_wait4, pid, 0, __WALL, 0);
}

IN_CHILD void runSteps(Visit &visit) {
  for (; visit.next < visit.count; visit.next++) {
    const Step &step = visit.steps[visit.next];
    if (step.number == stepNewUserNamespace) {
      runInNewUserNamespace(visit, step);
      return;
    }
    if ((step.flags & stepOnce) != 0 && *visit.once) {
      visit.results[visit.next] = 0;
      continue;
    }
    const int64_t result =
        rawSyscall(step.number, argumentOf(visit, step, 0), argumentOf(visit, step, 1), argumentOf(visit, step, 2),
                   argumentOf(visit, step, 3), argumentOf(visit, step, 4), argumentOf(visit, step, 5));
    visit.results[visit.next] = result;
    if (result < 0 && (step.flags & stepMayFail) == 0) {
      fail(visit, result);
      return;
    }
    if ((step.flags & stepOnce) != 0)
      *visit.once = true;
  }
}

struct Visits {
  Visit *first;
  size_t count;
};

IN_CHILD int child(void *argument) {
  const Visits &visits = *static_cast<Visits *>(argument);
  for (size_t i = 0; i < visits.count; i++)
    runSteps(visits.first[i]);
  rawSyscall(SYS_exit_group, 0);
  return 0;
}

// Keeps a visit on the processor it begins on: a new process would be put on another one, which has to be woken up and
// whose caches know nothing of the network stack. (Measured: two new network namespaces in 1.4 ms instead of 2.7.)
class StayOnProcessor {
public:
  StayOnProcessor() {
    cpu_set_t one;
    CPU_ZERO(&one);
    const int processor = sched_getcpu();
    if (processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity(0, sizeof before_, &before_) != 0)
      return;
    CPU_SET(static_cast<size_t>(processor), &one);
    pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~StayOnProcessor() {
    if (pinned_)
      sched_setaffinity(0, sizeof before_, &before_);
  }
  StayOnProcessor(const StayOnProcessor &) = delete;
  StayOnProcessor &operator=(const StayOnProcessor &) = delete;

private:
  cpu_set_t before_{};
  bool pinned_ = false;
};

void closeDescriptors(const Program &program, int32_t flags) {
  for (size_t i = 0; i < program.steps.size(); i++)
    if ((program.steps[i].flags & flags) != 0 && program.results[i] >= 0)
      close(static_cast<int>(program.results[i]));
}

} // namespace

bool Program::isSound() const {
  const auto size = static_cast<int64_t>(data.size());
  for (size_t i = 0; i < steps.size(); i++)
    for (uint32_t j = 0; j < 6; j++) {
      const int32_t value = steps[i].arguments[j];
      const bool map = steps[i].number == stepNewUserNamespace && j < 3;
      const auto kind = static_cast<ArgumentKind>((steps[i].kinds >> (2 * j)) & 3);
      if (map ? value < -1 || value >= size : kind == ArgumentKind::data && (value < 0 || value >= size))
        return false;
      if (kind == ArgumentKind::result && (value < 0 || static_cast<size_t>(value) >= i))
        return false;
    }
  // Text that a child reads up to its NUL ends inside of the data.
  return data.empty() || data.back() == 0;
}

Executor::~Executor() {
  if (stacks_ != nullptr)
    munmap(stacks_, stackArea);
}

void Executor::run(std::span<Program *const> programs) {
  for (Program *program : programs)
    program->results.assign(program->steps.size(), -1);
  const auto failAll = [programs](int error) {
    for (Program *program : programs)
      program->error = error;
  };
  if (stacks_ == nullptr) {
    void *area = mmap(nullptr, stackArea, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (area == MAP_FAILED) {
      failAll(errno);
      return;
    }
    stacks_ = static_cast<uint8_t *>(area);
  }
  bool once = false;
  std::vector<Visit> list;
  list.reserve(programs.size());
  for (Program *program : programs)
    list.push_back({program->steps.data(), static_cast<uint32_t>(program->steps.size()), 0, program->data.data(),
                    program->results.data(), -1, 0, stacks_ + stackArea, &once, 0});
  Visits visits = {list.data(), list.size()};
  // Sharing the memory makes it cheap, sharing the descriptor table makes what it opens ours; not being a thread of
  // this process it may join user and mount namespaces. No exit signal: no SIGCHLD that libuv would look at.
  const StayOnProcessor stay;
  const int pid = clone(child, stacks_ + stackSize, CLONE_VM | CLONE_VFORK | CLONE_FILES, &visits);
  if (pid < 0) {
    failAll(errno);
    return;
  }
  while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
  }
  for (size_t i = 0; i < list.size(); i++) {
    Program &program = *programs[i];
    program.failedStep = list[i].failedStep;
    program.error = list[i].error;
    if (program.error == 0 && list[i].next != list[i].count)
      program.error = EINTR; // somebody killed the child
    closeDescriptors(program, program.succeeded() ? stepTemporary : stepTemporary | stepDescriptor);
  }
}

} // namespace linux_namespaces
