package main

import (
	"net"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

type stack struct {
	namespace netns.NsHandle
	handle    *netlink.Handle
}

// Leaves this thread inside, where the socket has to be opened.
func newStack() *stack {
	namespace, err := netns.New()
	must(err)
	handle, err := netlink.NewHandle(syscall.NETLINK_ROUTE)
	must(err)
	return &stack{namespace, handle}
}

func goHome() { must(netns.Set(home)) }

func closeAll(stacks []*stack) {
	for _, each := range stacks {
		each.handle.Delete()
		each.namespace.Close()
	}
}

func (s *stack) up(name string) netlink.Link {
	link, err := s.handle.LinkByName(name)
	must(err)
	must(s.handle.LinkSetUp(link))
	return link
}

func (s *stack) address(link netlink.Link, cidr string) {
	address, err := netlink.ParseAddr(cidr)
	must(err)
	must(s.handle.AddrAdd(link, address))
}

func (s *stack) defaultRoute(link netlink.Link, gateway string) {
	must(s.handle.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: net.ParseIP(gateway)}))
}

// The attributes every link is made with; a queue length of 0 would be set.
func attributes(name string) netlink.LinkAttrs {
	return netlink.LinkAttrs{Name: name, TxQLen: -1}
}

// One end here, the other one in its namespace from the start.
func (s *stack) veth(attributes netlink.LinkAttrs, peerName string, peer *stack) {
	veth := &netlink.Veth{LinkAttrs: attributes, PeerName: peerName}
	if peer != nil {
		veth.PeerNamespace = netlink.NsFd(int(peer.namespace))
	}
	must(s.handle.LinkAdd(veth))
}

// Two namespaces joined by a veth.
func buildPair() []*stack {
	b := newStack()
	a := newStack()
	a.veth(attributes("eth0"), "eth0", b)
	a.up("lo")
	b.up("lo")
	first := a.up("eth0")
	second := b.up("eth0")
	a.address(first, "10.0.0.1/24")
	b.address(second, "10.0.0.2/24")
	b.defaultRoute(second, "10.0.0.1")
	goHome()
	return []*stack{a, b}
}

type pair struct{}

func (pair) hold() []*stack          { return buildPair() }
func (pair) run() map[string]float64 { return timed(buildPair) }
