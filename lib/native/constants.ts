// Numbers of the kernel by their names in C, the same on x86-64 and arm64; a test compares them with the headers. (Those of
// netlink messages are in lib/netlink/messages, error numbers with their texts in lib/errors.)

// errno.h
export const EPERM = 1
export const ESRCH = 3
export const EINTR = 4
export const EAGAIN = 11
export const EACCES = 13
export const EBUSY = 16
export const EEXIST = 17
export const ENODEV = 19
export const EINVAL = 22
export const ENOTTY = 25
export const EBADFD = 77
export const EUSERS = 87
export const EOPNOTSUPP = 95
export const EAFNOSUPPORT = 97
export const ENOBUFS = 105
export const EISCONN = 106
export const ETIMEDOUT = 110
export const EALREADY = 114
export const EINPROGRESS = 115
export const ECANCELED = 125

// fcntl.h, sys/file.h
export const AT_FDCWD = -100
export const O_RDWR = 2
export const O_NONBLOCK = 0o4000
export const O_CLOEXEC = 0o2000000
export const O_PATH = 0o10000000
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
export const SIOCGIFINDEX = 0x8933
export const SIOCGIFNAME = 0x8910
export const SIOCGSKNS = 0x894c

// linux/if_tun.h
export const TUNSETIFF = 0x400454ca
export const TUNSETPERSIST = 0x400454cb
export const TUNSETOWNER = 0x400454cc
export const TUNSETGROUP = 0x400454ce
export const TUNSETOFFLOAD = 0x400454d0
export const TUNGETIFF = 0x800454d2
export const TUNSETVNETHDRSZ = 0x400454d8
export const TUNSETIFINDEX = 0x400454da
export const IFF_TUN = 0x0001
export const IFF_TAP = 0x0002
export const IFF_MULTI_QUEUE = 0x0100
export const IFF_NO_PI = 0x1000
export const IFF_VNET_HDR = 0x4000
export const IFF_TUN_EXCL = 0x8000
export const TUN_F_CSUM = 0x01
export const TUN_F_TSO4 = 0x02
export const TUN_F_TSO6 = 0x04
export const TUN_F_TSO_ECN = 0x08

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

// sys/socket.h, netinet/in.h, linux/errqueue.h, linux/icmp.h, linux/icmpv6.h
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17
export const AF_VSOCK = 40
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_SEQPACKET = 5
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_ERROR = 4
export const SO_RCVBUF = 8
export const SO_REUSEPORT = 15
export const SO_BINDTODEVICE = 25
export const SO_RCVBUFFORCE = 33
export const SO_TIMESTAMPNS = 35
export const SOL_NETLINK = 270
export const MSG_ERRQUEUE = 0x2000
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const IPPROTO_IPV6 = 41
export const IPV6_V6ONLY = 26
export const IPV6_MULTICAST_IF = 17
export const IPV6_UNICAST_HOPS = 16
export const IPV6_RECVERR = 25
export const IPV6_RECVHOPLIMIT = 51
export const IPV6_HOPLIMIT = 52
export const IPPROTO_IP = 0
export const IPPROTO_ICMP = 1
export const IPPROTO_ICMPV6 = 58
export const IP_TTL = 2
export const IP_MULTICAST_IF = 32
export const IP_RECVERR = 11
export const IP_RECVTTL = 12
export const MCAST_JOIN_GROUP = 42
export const MCAST_LEAVE_GROUP = 45
export const MCAST_JOIN_SOURCE_GROUP = 46
export const MCAST_LEAVE_SOURCE_GROUP = 47
