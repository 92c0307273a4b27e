#include "descriptors.h"

#include <cerrno>
#include <unistd.h>

namespace linux_namespaces {

bool Descriptors::own(int fd) {
  const std::scoped_lock lock(mutex_);
  if (ended_) {
    close(fd);
    return false;
  }
  open_.insert(fd);
  return true;
}

bool Descriptors::release(int fd) {
  const std::scoped_lock lock(mutex_);
  return open_.erase(fd) == 1;
}

int Descriptors::closeOne(int fd) {
  if (!release(fd))
    return EBADF;
  return close(fd) == 0 ? 0 : errno;
}

void Descriptors::closeAll() {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  for (const int fd : open_)
    close(fd);
  open_.clear();
}

namespace {
std::mutex sharedMutex;
int sharedUsers = 0;
int sharedFd = -1;
} // namespace

void SharedUserNamespace::addUser() {
  const std::scoped_lock lock(sharedMutex);
  sharedUsers++;
}

void SharedUserNamespace::removeUser() {
  const std::scoped_lock lock(sharedMutex);
  if (--sharedUsers == 0 && sharedFd >= 0) {
    close(sharedFd);
    sharedFd = -1;
  }
}

int SharedUserNamespace::get() {
  const std::scoped_lock lock(sharedMutex);
  return sharedFd;
}

int SharedUserNamespace::offer(int fd) {
  const std::scoped_lock lock(sharedMutex);
  if (sharedFd < 0)
    sharedFd = fd;
  else if (sharedFd != fd)
    close(fd);
  return sharedFd;
}

} // namespace linux_namespaces
