// The executor: a short list of system calls, carried out inside other namespaces without moving any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace linux_namespaces {

// How one argument of a step is meant; two bits each in Step::kinds.
enum class ArgumentKind : uint8_t {
  immediate = 0, // the number itself
  data = 1,      // an offset into Program::data; the call gets the address
  result = 2,    // the result of an earlier step, by its index
};

enum StepFlag : int32_t {
  stepDescriptor = 1, // the result is a descriptor that the caller receives
  stepTemporary = 2,  // the result is a descriptor that is closed when the program has ended
  stepMayFail = 4,    // an error is a result (-errno) and does not end the program
  stepOnce = 8,       // not made again by the next programs of the same visit: joining where the first one has joined
};

// Instead of a system call number: all later steps run in a new user namespace. Arguments: /proc/PID/setgroups ("deny",
// or -1: leave it), /proc/PID/uid_map and /proc/PID/gid_map, each an offset into the data of NUL-terminated text.
constexpr int32_t stepNewUserNamespace = -1;

// The layout that lib/executor/program.ts writes.
struct Step {
  int32_t number;
  int32_t flags;
  int32_t kinds;
  int32_t arguments[6];
};
static_assert(sizeof(Step) == 36);

struct Program {
  std::vector<Step> steps;
  std::vector<uint8_t> data;    // strings and buffers, in and out
  std::vector<int64_t> results; // one a step: what the call returned
  int32_t failedStep = -1;      // the step that ended the program, or -1
  int32_t error = 0;            // its errno; with failedStep -1: that of the clone itself

  bool chains = false; // may share a visit with programs before and after it: it minds no namespace it is in

  // False when an argument points outside of the data, or to a later step.
  [[nodiscard]] bool isSound() const;
  [[nodiscard]] bool succeeded() const { return error == 0; }
};

class Executor {
public:
  Executor() = default;
  ~Executor();
  Executor(const Executor &) = delete;
  Executor &operator=(const Executor &) = delete;

  // Carries programs out in one visit, each with a result of its own. On return the descriptors of a program are open
  // if it succeeded and closed if it did not. All signals must be blocked on the calling thread: a handler that ran in
  // the child would run in this process's memory.
  void run(std::span<Program *const> programs);

private:
  uint8_t *stacks_ = nullptr; // two: the child's, and its child's in a new user namespace
};

} // namespace linux_namespaces
