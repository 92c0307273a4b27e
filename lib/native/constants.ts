// Numbers of the kernel by their names in C, the same on x86-64 and arm64; a test compares them with the headers. (Those of
// netlink messages are in lib/netlink/messages, error numbers with their texts in lib/errors.)

// errno.h
export const EPERM = 1
export const ESRCH = 3
export const EINTR = 4
export const EAGAIN = 11
export const EINVAL = 22
export const ENOTTY = 25
export const EUSERS = 87
export const ENOBUFS = 105
export const ETIMEDOUT = 110
export const EINPROGRESS = 115
export const ECANCELED = 125

// fcntl.h, sys/file.h
export const AT_FDCWD = -100
export const O_CLOEXEC = 0o2000000
export const F_DUPFD_CLOEXEC = 1030
export const F_SETFL = 4
export const LOCK_EX = 2
export const LOCK_NB = 4

// linux/capability.h
export const CAP_NET_ADMIN = 12
export const CAP_SYS_ADMIN = 21

// linux/nsfs.h, linux/magic.h, linux/sockios.h
export const NS_GET_USERNS = 0xb701
export const NS_GET_PARENT = 0xb702
export const NS_GET_NSTYPE = 0xb703
export const NS_GET_OWNER_UID = 0xb704
export const NSFS_MAGIC = 0x6e736673
export const SIOCGSKNS = 0x894c

// poll.h
export const POLLIN = 1
export const POLLOUT = 4

// sys/mount.h
export const MS_BIND = 4096
export const MS_REC = 16384
export const MS_PRIVATE = 1 << 18
export const MS_SHARED = 1 << 20
export const MNT_DETACH = 2

// sys/prctl.h
export const PR_GET_DUMPABLE = 3
export const PR_SET_DUMPABLE = 4

// sys/socket.h, netinet/in.h
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const SOCK_STREAM = 1
export const SOCK_RAW = 3
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_ERROR = 4
export const SO_RCVBUF = 8
export const SO_RCVBUFFORCE = 33
export const SOL_NETLINK = 270
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const IPPROTO_IPV6 = 41
export const IPV6_V6ONLY = 26
