#!/bin/sh
# The first program of a virtual machine: mounts the host's file system, read-only and with a memory file system over it, and
# starts the guest's script in there.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do insmod "$module"; done
fail() {
  echo "init: $1"
  reboot -f
}
options=trans=virtio,version=9p2000.L,msize=512000,cache=loose
mount -t 9p -o ro,$options root /host || fail 'the file system of the host cannot be mounted'
mount -t tmpfs -o mode=755 tmpfs /changes
mkdir /changes/upper /changes/work
mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work overlay /root ||
  fail 'the overlay cannot be mounted'
mkdir -p /root/usr/lib/modules
for folder in /root/run /root/usr/lib/modules; do mount -t tmpfs -o mode=755 tmpfs $folder; done
version=$(uname -r)
mkdir "/root/usr/lib/modules/$version" /root/run/kernels
mount -t 9p -o ro,$options modules "/root/usr/lib/modules/$version" || fail 'the modules cannot be mounted'
mount -t 9p -o ro,$options run /root/run/kernels || fail 'the script cannot be mounted'
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for folder in proc sys dev; do mount --move /$folder /root/$folder; done
exec switch_root /root /bin/bash /run/kernels/guest.sh
