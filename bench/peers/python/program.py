"""The workloads by pyroute2: named namespaces, a socket in each. Answers the words of ../../session.mjs.

    program.py WORKLOAD [SIZE]
"""

import json
import os
import resource
import subprocess
import sys
import time

from pyroute2 import IPRoute, netns

LOOPBACK = 1
SCOPE_LINK = 253


class Stack:
    def __init__(self, name):
        self.name = name
        netns.create(name)
        netns.pushns(name)
        try:
            self.socket = IPRoute()
        finally:
            netns.popns()

    def path(self):
        return f'/proc/{os.getpid()}/root/run/netns/{self.name}'

    def close(self):
        self.socket.close()
        netns.remove(self.name)

    def index(self, name):
        return self.socket.link_lookup(ifname=name)[0]

    def up(self, index):
        self.socket.link('set', index=index, state='up')

    def address(self, index, address, length):
        self.socket.addr('add', index=index, address=address, prefixlen=length)

    def default_route(self, gateway):
        self.socket.route('add', dst='default', gateway=gateway)

    def veth(self, name, peer_name, peer=None, **options):
        """One end here, the other one in its namespace from the start."""
        other = {'ifname': peer_name}
        if peer is not None:
            other['net_ns_fd'] = peer.name
        self.socket.link('add', ifname=name, kind='veth', peer=other, **options)


def destination(i):
    return f'11.{i >> 16}.{i >> 8 & 255}.{i & 255}/32'


def milliseconds(start):
    return (time.perf_counter() - start) * 1000


class Builder:
    """A workload that makes namespaces: building is what is measured."""

    def __init__(self, size):
        self.size = size
        self.stacks = []

    def hold(self):
        self.stacks = self.build()
        return self.stacks

    def drop(self):
        for stack in self.stacks:
            stack.close()
        self.stacks = []

    def run(self):
        start = time.perf_counter()
        stacks = self.build()
        run = milliseconds(start)
        start = time.perf_counter()
        for stack in stacks:
            stack.close()
        return {'run': run, 'close': milliseconds(start)}


class Pair(Builder):
    def build(self):
        a, b = Stack('bench-a'), Stack('bench-b')
        a.veth('eth0', 'eth0', b)
        for stack, address in ((a, '10.0.0.1'), (b, '10.0.0.2')):
            stack.up(LOOPBACK)
            index = stack.index('eth0')
            stack.up(index)
            stack.address(index, address, 24)
        b.default_route('10.0.0.1')
        return [a, b]


class Star(Builder):
    def build(self):
        hub = Stack('bench-hub')
        hub.socket.link('add', ifname='br0', kind='bridge')
        bridge = hub.index('br0')
        hub.up(LOOPBACK)
        hub.address(bridge, '10.0.0.1', 16)
        stacks = [hub]
        for i in range(1, self.size + 1):
            leaf = Stack(f'bench-{i}')
            hub.veth(f'p{i}', 'eth0', leaf)
            hub.socket.link('set', index=hub.index(f'p{i}'), master=bridge, state='up')
            leaf.up(LOOPBACK)
            index = leaf.index('eth0')
            leaf.up(index)
            leaf.address(index, f'10.0.{(i + 1) >> 8}.{(i + 1) & 255}', 16)
            leaf.default_route('10.0.0.1')
            stacks.append(leaf)
        hub.up(bridge)
        return stacks


class RoutesAdd(Pair):
    def run(self):
        socket, link = self.stacks[0].socket, self.stacks[0].index('eth0')
        # The routes of the run before this one go with their link.
        socket.link('set', index=link, state='down')
        socket.link('set', index=link, state='up')
        start = time.perf_counter()
        for i in range(self.size):
            socket.route('add', dst=destination(i), oif=link, scope=SCOPE_LINK)
        return {'run': milliseconds(start)}


class RoutesDump(Pair):
    def hold(self):
        super().hold()
        # Not measured, and an order of magnitude quicker than to add them one by one.
        lines = (f'route add {destination(i)} via 10.0.0.2 dev eth0 metric 100\n' for i in range(self.size))
        command = ['ip', '-n', self.stacks[0].name, '-batch', '-']
        subprocess.run(command, input=''.join(lines), text=True, check=True)
        return self.stacks

    def run(self):
        start = time.perf_counter()
        routes = list(self.stacks[0].socket.get_routes(family=2))
        fields = [
            tuple(route.get_attr(name) for name in ('RTA_DST', 'RTA_GATEWAY', 'RTA_OIF', 'RTA_PRIORITY'))
            for route in routes
        ]
        run = milliseconds(start)
        assert len(fields) > self.size
        return {'run': run}


class LinksDump(Builder):
    def build(self):
        stack = Stack('bench-links')
        for i in range(self.size):
            stack.veth(f'a{i}', f'b{i}')
        return [stack]

    def run(self):
        start = time.perf_counter()
        links = list(self.stacks[0].socket.get_links())
        fields = [
            (
                link['index'],
                *(link.get_attr(name) for name in ('IFLA_IFNAME', 'IFLA_ADDRESS', 'IFLA_MTU')),
                link.get_nested('IFLA_LINKINFO', 'IFLA_INFO_KIND'),
            )
            for link in links
        ]
        run = milliseconds(start)
        assert len(fields) == 2 * self.size + 1
        return {'run': run}


WORKLOADS = {
    'pair': Pair,
    'star': Star,
    'routes-add': RoutesAdd,
    'routes-dump': RoutesDump,
    'links-dump': LinksDump,
}


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    workload = WORKLOADS[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    for line in sys.stdin:
        word = line.strip()
        if word == 'hold':
            answer = {'paths': [stack.path() for stack in workload.hold()]}
        elif word == 'run':
            answer = workload.run()
        else:
            workload.drop()
            answer = {}
        print(json.dumps(answer), flush=True)


main()
