// The descriptors that one JavaScript environment owns: closed with it, whichever way it ends.
#pragma once

#include <mutex>
#include <unordered_set>

namespace linux_namespaces {

class Descriptors {
public:
  // False when the environment has ended already: then `fd` has been closed.
  bool own(int fd);
  // Takes it out of the set without closing it; false when it was not in.
  bool release(int fd);
  // 0, or an errno; EBADF when it is not ours, so that nothing is ever closed twice.
  int closeOne(int fd);
  void closeAll();

private:
  std::mutex mutex_;
  std::unordered_set<int> open_;
  bool ended_ = false;
};

// The one user namespace that all rootless namespaces of this process share, over all environments: between two user
// namespaces side by side the kernel lets nobody make a veth pair.
class SharedUserNamespace {
public:
  static void addUser();
  static void removeUser(); // the last one closes it
  static int get();         // -1: none yet
  // Keeps `fd`, or closes it when another thread was faster; the descriptor that is kept.
  static int offer(int fd);
};

} // namespace linux_namespaces
