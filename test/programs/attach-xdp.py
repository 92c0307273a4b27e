# Attaches an XDP program that lets everything pass to the link of this index, in generic mode.
import ctypes
import os
import socket
import struct
import sys

BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, SYS_BPF = 5, 6, {'x86_64': 321}.get(os.uname().machine, 280)
RTM_SETLINK, IFLA_XDP, IFLA_XDP_FD, IFLA_XDP_FLAGS, XDP_FLAGS_SKB_MODE = 19, 43, 1, 3, 2

# r0 = XDP_PASS; exit
code = ctypes.create_string_buffer(struct.pack('<BBhi', 0xb7, 0, 0, 2) + struct.pack('<BBhi', 0x95, 0, 0, 0))
license = ctypes.create_string_buffer(b'GPL')
attributes = struct.pack('<IIQQ', BPF_PROG_TYPE_XDP, 2, ctypes.addressof(code), ctypes.addressof(license))
libc = ctypes.CDLL(None, use_errno=True)
program = libc.syscall(SYS_BPF, BPF_PROG_LOAD, ctypes.create_string_buffer(attributes.ljust(128, b'\0')), 128)
if program < 0:
    sys.exit('bpf: ' + os.strerror(ctypes.get_errno()))

xdp = struct.pack('<HHiHHI', 8, IFLA_XDP_FD, program, 8, IFLA_XDP_FLAGS, XDP_FLAGS_SKB_MODE)
body = struct.pack('<BxHiII', 0, 0, int(sys.argv[1]), 0, 0) + struct.pack('<HH', 4 + len(xdp), 0x8000 | IFLA_XDP) + xdp
rtnl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
rtnl.send(struct.pack('<IHHII', 16 + len(body), RTM_SETLINK, 5, 1, 0) + body)
errno = -struct.unpack_from('<i', rtnl.recv(4096), 16)[0]
if errno:
    sys.exit('RTM_SETLINK: ' + os.strerror(errno))
